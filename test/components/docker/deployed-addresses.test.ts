import type Docker from 'dockerode';
import { deployedAddresses } from '../../../components/docker/deployed-addresses';

const partOf = (prefix: string) => ({ 'app.kubernetes.io/part-of': prefix });
const network = (Name: string, Subnet: string | undefined, Labels: object | null, Internal = true) => ({
  Name,
  Internal,
  Labels,
  IPAM: { Config: Subnet === undefined ? null : [{ Subnet }] },
});

it('tells what belongs to the application from what does not', async () => {
  const asked: unknown[] = [];
  const docker = {
    listNetworks: () =>
      Promise.resolve([
        network('shop-dev-api', '10.64.0.0/25', partOf('shop-dev')),
        network('shop-dev-gateway', '10.64.0.128/25', partOf('shop-dev'), false),
        network('shop-prod-api', '10.64.1.0/25', partOf('shop-prod')),
        network('bridge', '172.17.0.0/16', {}),
        network('host', undefined, null),
      ]),
    listContainers: (options: unknown) => {
      asked.push(options);
      return Promise.resolve([
        {
          Names: ['/shop-dev-api-lb'],
          NetworkSettings: {
            Networks: {
              'shop-dev-web': { IPAMConfig: { IPv4Address: '10.64.2.7' }, IPAddress: '10.64.2.7' },
              'shop-dev-api': { IPAMConfig: {}, IPAddress: '10.64.0.66' },
            },
          },
        },
        {
          Names: ['/shop-dev-cart-lb'],
          NetworkSettings: { Networks: { 'shop-dev-web': { IPAMConfig: { IPv4Address: '10.64.2.9' } } } },
        },
        { Names: ['/shop-dev-web.1.abc'], NetworkSettings: { Networks: { 'shop-dev-web': { IPAMConfig: null } } } },
        { Names: ['/created'] },
      ]);
    },
  } as unknown as Docker;
  expect(await deployedAddresses(docker, 'shop-dev')).toEqual({
    networks: new Map([
      ['shop-dev-api', { subnet: '10.64.0.0/25', internal: true }],
      ['shop-dev-gateway', { subnet: '10.64.0.128/25', internal: false }],
    ]),
    foreign: ['10.64.1.0/25', '172.17.0.0/16'],
    proxies: new Map([
      [
        'shop-dev-web',
        new Map([
          ['shop-dev-api-lb', '10.64.2.7'],
          ['shop-dev-cart-lb', '10.64.2.9'],
        ]),
      ],
    ]),
    attached: new Map([
      ['shop-dev-api-lb', new Set(['shop-dev-web', 'shop-dev-api'])],
      ['shop-dev-cart-lb', new Set(['shop-dev-web'])],
      ['shop-dev-web.1.abc', new Set(['shop-dev-web'])],
      ['created', new Set()],
    ]),
  });
  // Proxies that do not run at the moment as well.
  expect(asked).toEqual([{ all: true, filters: { label: ['app.kubernetes.io/part-of=shop-dev'] } }]);
});
