// `npm run status`: what runs of a stack, as the engine or the cluster sees it.
import { pulumiCapture } from './lib/cli.mjs';
import { answer, clusterClient, placeOfStack } from './lib/cluster-place.mjs';
import { clusterRows, podErrors } from './lib/cluster-status.mjs';
import { STACK, commandLine } from './lib/command.mjs';
import { engineInfo, inspectAll, jsonLines, present } from './lib/docker.mjs';
import { expectedObjects, missingRows } from './lib/expected.mjs';
import { UserError, main } from './lib/report.mjs';
import { capture, must } from './lib/run.mjs';
import { chooseStack } from './lib/stack-choice.mjs';
import { onCluster, targetOf } from './lib/stack-needs.mjs';
import { applicationOf, labelOf } from './lib/stack.mjs';
import { inOrder, statusRows, table, taskErrors } from './lib/status-table.mjs';

const HEADINGS = {
  service: 'SERVICE',
  component: 'COMPONENT',
  replicas: 'REPLICAS',
  health: 'HEALTH',
  update: 'UPDATE',
  image: 'IMAGE',
};

const COMMAND = {
  name: 'status',
  about: 'Shows the running services of a stack: replicas, health, state of the last update, image.',
  options: STACK,
  examples: ['npm run status', 'npm run status -- --stack staging'],
};

await main(async () => {
  const { values } = commandLine(COMMAND);
  const stack = await chooseStack(values.stack);
  const place = onCluster(await targetOf(stack)) ? await placeOfStack(stack) : undefined;
  const [{ rows: found, present, errors }, expected] = await Promise.all([
    place ? inCluster(stack, place) : onEngine(stack),
    expectedOf(stack),
  ]);
  const missing = missingRows(expected, present);
  const rows = inOrder([...found, ...missing]);
  if (rows.length === 0) {
    console.log(`Nothing runs of ${applicationOf(stack)}. \`npm run up -- --stack ${stack}\` brings it up.`);
    return 0;
  }
  for (const line of table(HEADINGS, rows)) console.log(line);
  for (const [name, error] of errors) console.log(`\n${name}: ${error}`);
  if (missing.length > 0) console.log(`\n\`npm run up -- --stack ${stack}\` restores what is missing.`);
  return 0;
});

/** A stack that was never deployed has no state. */
async function expectedOf(stack) {
  const { code, stdout } = await pulumiCapture(['stack', 'export', '--stack', stack]);
  return code === 0 ? expectedObjects(JSON.parse(stdout)) : [];
}

async function onEngine(stack) {
  const { reason } = await engineInfo();
  if (reason)
    throw new UserError(
      `the Docker engine does not answer: ${reason}`,
      '`npm run setup` starts it, or says what to do',
    );
  const label = labelOf(stack);
  const services = await inspect('service', ['service', 'ls', '--quiet'], label);
  const containers = await inspect('container', ['ps', '--all', '--quiet'], label);
  return {
    rows: statusRows(services, containers),
    present: [...services.map(({ Spec }) => Spec.Name), ...containers.map(({ Name }) => Name.replace(/^\//, ''))],
    errors: taskErrors(await tasksOf(services)),
  };
}

async function inCluster(stack, place) {
  const { client, api } = await clusterClient(place);
  const where = { namespace: place.namespace, labelSelector: labelOf(stack) };
  const [apps, batch, core] = [client.AppsV1Api, client.BatchV1Api, client.CoreV1Api].map(api);
  const lists = [apps.listNamespacedDeployment(where), batch.listNamespacedJob(where), core.listNamespacedPod(where)];
  const [deployments, jobs, pods] = (await answer(place, Promise.all(lists))).map(({ items }) => items);
  return {
    rows: clusterRows(deployments, jobs, pods),
    present: [...deployments, ...jobs].map(({ metadata }) => metadata.name),
    errors: podErrors(pods),
  };
}

async function inspect(kind, list, label) {
  const ids = (await must('docker', [...list, '--filter', `label=${label}`])).split('\n').filter(Boolean);
  return inspectAll(kind, ids);
}

async function tasksOf(services) {
  if (services.length === 0) return [];
  const names = services.map(({ Spec }) => Spec.Name);
  const args = ['service', 'ps', '--no-trunc', '--format', '{{json .}}', ...names];
  return jsonLines(present(await capture('docker', args)));
}
