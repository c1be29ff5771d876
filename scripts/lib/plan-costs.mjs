// What a change of an environment costs a month, as far as docs/aws.md has the price, and what else it needs more or less of. Pure.
import { MONTHLY, PRICES } from './aws-prices.mjs';
import { engineName } from './preview-changes.mjs';
import { requestsOf } from './plan-requests.mjs';
import { quantity } from './quantity.mjs';

const GIB = 2 ** 30;
const MIB = 2 ** 20;

/** What is counted: of a resource how much it is, by its type; `undefined` where that is not known. `price` is for one, a month. */
const COUNTED = [
  { what: 'EKS control planes', type: 'eks:index:Cluster', count: () => 1, price: () => MONTHLY.controlPlane },
  { what: 'NAT gateways', type: 'awsx:ec2:Vpc', count: natGateways, price: () => MONTHLY.natGateway },
  {
    what: 'load balancers',
    type: 'kubernetes:core/v1:Service',
    count: ({ spec }) => (spec?.type === 'LoadBalancer' ? 1 : 0),
    price: ({ spec }) => (spec?.loadBalancerClass === PRICES.loadBalancer.class ? MONTHLY.loadBalancer : undefined),
    but: 'without its addresses',
  },
  {
    what: 'storage',
    unit: 'GiB',
    type: 'kubernetes:core/v1:PersistentVolumeClaim',
    count: ({ spec }) => gib(spec?.resources?.requests?.storage),
    // Another cluster may have a class of the same name.
    price: ({ spec }, target) =>
      target === 'eks' && spec?.storageClassName === PRICES.volume.storageClass ? MONTHLY.volumeGib : undefined,
  },
  { what: 'KMS keys', type: 'aws:kms/key:Key', count: () => 1, price: () => MONTHLY.key },
  {
    what: 'CloudWatch alarms',
    type: 'aws:cloudwatch/metricAlarm:MetricAlarm',
    count: () => 1,
    price: () => MONTHLY.alarm,
  },
  {
    what: 'limit of the nodes',
    unit: 'CPU',
    type: 'kubernetes:karpenter.sh/v1:NodePool',
    count: ({ spec }) => quantity(spec?.limits?.cpu),
    price: () => undefined,
  },
];

/**
 * @param target of the environment.
 * @param steps of all that it has, also of what stays as it is.
 * @returns `lines` on what there is more or less of, and `monthly`, by how many US dollars a month that changes the bill;
 *   `undefined` where nothing that changes has a price.
 */
export function costsOf(target, steps) {
  const before = steps.flatMap(({ oldState }) => oldState ?? []);
  const created = steps.filter(({ op }) => op === 'create').map(({ newState }) => objectOf(newState));
  // What is kept is paid for all the same, but once where another member has taken it over.
  const isKept = (state) => state?.retainOnDelete && !created.includes(objectOf(state));
  const after = steps.flatMap(({ op, oldState, newState }) =>
    op === 'delete' ? (isKept(oldState) ? oldState : []) : (newState ?? []),
  );
  const counted = COUNTED.flatMap((kind) => compare({ ...kind, target }, before, after) ?? []);
  const priced = counted.flatMap(({ monthly }) => monthly ?? []);
  const monthly = priced.length === 0 ? undefined : sum(priced);
  return {
    lines: [
      ...counted.map(({ line }) => line),
      ...requestLines(requestsOf(before), requestsOf(after)),
      ...(priced.length > 1 ? [`together ${aMonth(monthly)}`] : []),
    ],
    monthly,
  };
}

const objectOf = ({ type, urn, inputs } = {}) => `${type} ${engineName(inputs) ?? urn}`;

function compare({ what, unit, type, count, price, but, target }, before, after) {
  const measure = (states) => {
    const found = states
      .filter((state) => state.type === type)
      .map(({ inputs }) => [count(inputs), price(inputs, target)]);
    return {
      amount: sum(found.map(([amount]) => amount)),
      cost: sum(found.map(([amount, each]) => costOf(amount, each))),
    };
  };
  const [was, is] = [measure(before), measure(after)];
  if (was.amount === is.amount && was.cost === is.cost) return undefined;
  const words = [was, is].map(({ amount }) => (amount === undefined ? 'not known here' : round(amount)));
  const monthly = was.cost === undefined || is.cost === undefined ? undefined : is.cost - was.cost;
  const figure = monthly === undefined ? '' : ` (${[aMonth(monthly), but].filter(Boolean).join(', ')})`;
  return { line: `${what} ${words.join(' → ')}${unit ? ` ${unit}` : ''}${figure}`, monthly };
}

function costOf(amount, each) {
  if (amount === 0) return 0;
  return amount === undefined || each === undefined ? undefined : amount * each;
}

/** `undefined` if a part is not known. */
const sum = (parts) => (parts.includes(undefined) ? undefined : parts.reduce((all, one) => all + one, 0));
const round = (value) => Number(value.toFixed(2));

/** Without a price: which nodes Auto Mode adds or removes for it is not known beforehand. */
function requestLines(was, is) {
  if (round(was.cpu) === round(is.cpu) && was.memory === is.memory) return [];
  const memory = Math.abs(is.memory - was.memory) < 0.1 * GIB ? [MIB, 'MiB'] : [GIB, 'GiB'];
  const parts = [
    round(was.cpu) === round(is.cpu) ? [] : `${round(was.cpu)} → ${round(is.cpu)} CPU`,
    was.memory === is.memory ? [] : `${round(was.memory / memory[0])} → ${round(is.memory / memory[0])} ${memory[1]}`,
  ];
  const fewest = was.autoscaled || is.autoscaled ? ' with the fewest replicas' : '';
  return [`requests ${parts.flat().join(', ')}${fewest}`];
}

/** "+$36.50 a month". */
export function aMonth(amount) {
  const cents = Math.round(Math.abs(amount) * 100);
  const text = cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2);
  return `${cents === 0 ? '±' : amount < 0 ? '−' : '+'}$${text} a month`;
}

function natGateways({
  natGateways: { strategy = 'OnePerAz' } = {},
  numberOfAvailabilityZones,
  availabilityZoneNames,
}) {
  if (strategy === 'None') return 0;
  return strategy === 'Single' ? 1 : (numberOfAvailabilityZones ?? availabilityZoneNames?.length);
}

function gib(storage) {
  const bytes = quantity(storage);
  return bytes === undefined ? undefined : bytes / GIB;
}
