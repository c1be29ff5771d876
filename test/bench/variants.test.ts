import { boundAnywhere, variants } from '../../bench/variants';
import { haproxyConfiguration } from '../../components/haproxy/configuration';
import { proxy } from '../support/proxies';

const CONFIGURATION = `global
  nbthread 1
  tune.bufsize 43008
  lua-load /var/lib/haproxy/rules.lua
defaults
  balance leastconn
frontend public
  bind 10.80.3.2:8080
  bind 10.80.4.2:8080
  mode http
backend api
  retry-on conn-failure empty-response
  http-request disable-l7-retry if !repeatable
  http-reuse always
`;

describe('variants of the gateway', () => {
  it('differ from it in one setting each', () => {
    expect(variants(CONFIGURATION)).toEqual([
      { name: 'gateway, 2 threads', configuration: CONFIGURATION.replace('nbthread 1', 'nbthread 2') },
      { name: 'gateway, round robin', configuration: CONFIGURATION.replace('leastconn', 'roundrobin') },
      { name: 'gateway, `maxHeaderSize: 8Ki`', configuration: CONFIGURATION.replace('43008', '16384') },
      {
        name: 'gateway, no repeated requests',
        configuration: CONFIGURATION.replace(/ {2}retry-on.*\n.*retry.*\n/, ''),
      },
    ]);
  });

  it('are found in what is deployed', () => {
    expect(variants(haproxyConfiguration(proxy({ threads: 1 }))).map(({ name }) => name)).toEqual([
      'gateway, 2 threads',
      'gateway, round robin',
      'gateway, `maxHeaderSize: 8Ki`',
      'gateway, no repeated requests',
    ]);
  });

  it('are what it is not itself', () => {
    const other = CONFIGURATION.replace('nbthread 1', 'nbthread 2').replace('leastconn', 'roundrobin');
    expect(variants(other).map(({ name }) => name)).toEqual([
      'gateway, 1 thread',
      'gateway, least connections',
      'gateway, `maxHeaderSize: 8Ki`',
      'gateway, no repeated requests',
    ]);
  });

  it.each(['nbthread', 'balance', 'bufsize', 'retry'])('are refused for a configuration without %s', (word) => {
    const without = CONFIGURATION.split('\n').filter((line) => !line.includes(word));
    expect(() => variants(without.join('\n'))).toThrow(word);
  });

  it('listen at any address of their container', () => {
    expect(boundAnywhere(CONFIGURATION)).toBe(CONFIGURATION.replaceAll(/bind 10\.80\.\d\.2:/g, 'bind :'));
  });

  it('are refused for a configuration that listens nowhere', () => {
    expect(() => boundAnywhere('frontend public\n  mode http\n')).toThrow('bind');
  });
});
