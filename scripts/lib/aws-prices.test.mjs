import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { MONTHLY, PRICES, tableAmounts } from './aws-prices.mjs';
import { root } from './project.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');

/** Cells of the table under "What it costs a month", without its head. */
const TABLE = read('docs', 'aws.md')
  .split('\n## What it costs a month\n')[1]
  .split('\n## ')[0]
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .slice(2)
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('*', '').trim()),
  );

test('the table of docs/aws.md has the amounts that follow from docs/aws-prices.json', () =>
  assert.deepEqual(
    TABLE.map(([, , ...amounts]) => amounts),
    tableAmounts(),
  ));

test('the table names the unit prices', () => {
  const units = Object.fromEntries(TABLE.map(([part, unit]) => [part.split(/[,: ]/)[0], Number.parseFloat(unit)]));
  assert.equal(units.control, PRICES.controlPlaneHour);
  assert.equal(units.nodes, PRICES.node.hour);
  assert.equal(units.disks, PRICES.node.diskGibMonth);
  assert.equal(units.NAT, PRICES.natGateway.hour);
  assert.equal(units.through, PRICES.natGateway.trafficGb);
  assert.equal(units.network, PRICES.loadBalancer.hour);
  assert.equal(units.its, PRICES.addressHour);
  assert.equal(units.volume, PRICES.volume.gibMonth);
  assert.equal(units.logs, PRICES.logs.writtenGb);
  assert.equal(units.metrics, PRICES.metricsMillion);
});

test('what is said of `natGateways` in the code has the same prices', () => {
  const text = read('components', 'aws', 'network-spec.ts');
  assert.ok(text.includes(`${(3 * MONTHLY.natGateway).toFixed(2)} USD a month`));
  assert.ok(text.includes(`${MONTHLY.natGateway.toFixed(2)} USD a month`));
});

test('the classes that have a price are those of the cluster', () => {
  const text = read('components', 'aws', 'cluster-objects.ts');
  assert.ok(text.includes(`LOAD_BALANCER_CLASS = '${PRICES.loadBalancer.class}'`));
  assert.ok(text.includes(`STORAGE_CLASS = '${PRICES.volume.storageClass}'`));
});
