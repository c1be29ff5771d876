import { networkSpec, type NetworkSettings } from '../../../components/aws/network-spec';
import { formatProblem, type Problem } from '../../../components/validation';

function spec(settings: Record<string, unknown>) {
  const problems: Problem[] = [];
  const result = networkSpec({ natGateways: 'single', ...settings } as unknown as NetworkSettings, [], problems);
  return { result, messages: problems.map(formatProblem) };
}
const ok = (settings: Record<string, unknown>) => {
  const { result, messages } = spec(settings);
  expect(messages).toEqual([]);
  return result!;
};
const CIDR_RULE = 'must be a private IPv4 block from /16 to /20, such as "10.0.0.0/16"';

describe('a network', () => {
  it('needs to be told about its NAT gateways only; the rest has defaults', () => {
    expect(ok({})).toEqual({
      natGateways: 'single',
      vpcCidr: '10.0.0.0/16',
      zones: 3,
      privateBits: 19,
      publicBits: 22,
    });
  });

  it.each<[string, number, number, number]>([
    ['10.0.0.0/16', 2, 18, 21],
    ['10.0.0.0/16', 4, 19, 22],
    ['192.168.0.0/20', 2, 22, 25],
    ['192.168.0.0/20', 3, 23, 26],
  ])('gives subnets of %s in %i zones the prefixes %i and %i, which fit', (vpcCidr, zones, privateBits, publicBits) => {
    expect(ok({ vpcCidr, zones })).toMatchObject({ privateBits, publicBits });
    const bits = Number(vpcCidr.split('/')[1]);
    expect(zones * (2 ** -privateBits + 2 ** -publicBits)).toBeLessThanOrEqual(2 ** -bits);
    // What AWS takes for a subnet.
    expect(publicBits).toBeLessThanOrEqual(28);
  });
});

it.each<[Record<string, unknown>, string]>([
  [{ natGateways: 'none' }, 'natGateways: "none" is not allowed; must be "per-zone" or "single"'],
  [{ natGateways: undefined }, 'natGateways: is missing; must be "per-zone" or "single"'],
  [{ vpcCidr: '10.0.0.0/8' }, `vpcCidr: "10.0.0.0/8" is not allowed; ${CIDR_RULE}`],
  [{ vpcCidr: '10.0.0.0/21' }, `vpcCidr: "10.0.0.0/21" is not allowed; ${CIDR_RULE}`],
  [{ vpcCidr: '10.0.1.0/16' }, `vpcCidr: "10.0.1.0/16" is not allowed; ${CIDR_RULE}`],
  [{ vpcCidr: '203.0.0.0/16' }, `vpcCidr: "203.0.0.0/16" is not allowed; ${CIDR_RULE}`],
  [
    { vpcCidr: '172.20.0.0/20' },
    'vpcCidr: "172.20.0.0/20" is not allowed; must not overlap 172.20.0.0/16, where the cluster\'s Services are',
  ],
  [{ zones: 1 }, 'zones: 1 is not allowed; must be a whole number from 2 to 4'],
  [{ zones: 2.5 }, 'zones: 2.5 is not allowed; must be a whole number from 2 to 4'],
  [{ zone: 3 }, 'zone: there is no such argument; did you mean "zones"?'],
])('%j is refused', (settings, message) => expect(spec(settings).messages).toEqual([message]));

it('every problem is told at once', () =>
  expect(spec({ natGateways: 'x', zones: 9, vpcCidr: 'y' }).messages.map((line) => line.split(':')[0])).toEqual([
    'natGateways',
    'vpcCidr',
    'zones',
  ]));
