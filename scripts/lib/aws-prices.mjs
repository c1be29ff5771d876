// What AWS charges, from docs/aws-prices.json: for the table in docs/aws.md, and for what a plan costs. Pure but for reading it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.mjs';

export const PRICES = JSON.parse(readFileSync(join(root, 'docs', 'aws-prices.json'), 'utf8'));
const HOURS = 730;

/** US dollars a month for one of each. */
export const MONTHLY = {
  controlPlane: PRICES.controlPlaneHour * HOURS,
  node: PRICES.node.hour * HOURS,
  nodeDisk: PRICES.node.diskGib * PRICES.node.diskGibMonth,
  natGateway: PRICES.natGateway.hour * HOURS,
  loadBalancer: PRICES.loadBalancer.hour * HOURS,
  address: PRICES.addressHour * HOURS,
  volumeGib: PRICES.volume.gibMonth,
  key: PRICES.keyMonth,
  alarm: PRICES.alarmMonth,
};

/** What the table's two columns are for. What is equal in both is said once. */
const SETUPS = [
  { nodes: 3, natGateways: 3 },
  { nodes: 2, natGateways: 1 },
];
const ZONES = 3;
const TRAFFIC_GB = 100;
const DATABASE_GIB = 10;
const LOGS = { gb: 20, months: 3 };
const OBSERVATIONS_A_MINUTE = 1_000;
const MINUTES = HOURS * 60;
const SHARED = { keys: 4, alarms: 6, imagesGb: 10 };

const cents = (amount) => Math.round(amount * 100) / 100;

/** The amounts of a setup in the order of the table, the sum last. What is added up are the rounded amounts. */
function amountsOf({ nodes, natGateways }) {
  const amounts = [
    MONTHLY.controlPlane,
    nodes * MONTHLY.node,
    nodes * MONTHLY.node * PRICES.node.autoModeShare,
    nodes * MONTHLY.nodeDisk,
    natGateways * MONTHLY.natGateway,
    TRAFFIC_GB * PRICES.natGateway.trafficGb,
    MONTHLY.loadBalancer,
    ZONES * MONTHLY.address,
    DATABASE_GIB * MONTHLY.volumeGib,
    LOGS.gb * (PRICES.logs.writtenGb + LOGS.months * PRICES.logs.keptGbMonth),
    ((OBSERVATIONS_A_MINUTE * MINUTES) / 1e6) * PRICES.metricsMillion,
    SHARED.keys * MONTHLY.key + SHARED.alarms * MONTHLY.alarm + SHARED.imagesGb * PRICES.imageGbMonth,
  ].map(cents);
  return [...amounts, cents(amounts.reduce((sum, amount) => sum + amount, 0))];
}

/** The amounts in the table of docs/aws.md, row by row: of `prod`, and of `small`. */
export function tableAmounts() {
  const [prod, small] = SETUPS.map(amountsOf);
  return prod.map((amount, row) => [amount.toFixed(2), small[row].toFixed(2)]);
}
