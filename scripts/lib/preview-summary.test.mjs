// Recorded previews of the shop, without what does not change; and every kind of resource that a stack registers.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { changesOf } from './preview-changes.mjs';
import { diagnosticsOf, groupsOf, markdown, readPreview, summary } from './preview-summary.mjs';
import { turned } from './preview-words.mjs';
import { root } from './project.mjs';

const FOLDER = join(import.meta.dirname, 'previews');
const recorded = (name) => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
const groups = (name) => Object.fromEntries(groupsOf(recorded(name)).map(({ title, ...rest }) => [title, rest]));
const SIZE = "Docker's local volumes have no size limit";

test('the documents show a recorded preview', () => {
  const page = readFileSync(join(root, 'docs', 'commands.md'), 'utf8');
  assert.ok(page.includes(`\n${summary(recorded('docker-limits'), { stack: 'dev' })}\n`));
});

describe('a recorded preview', () => {
  test('of another limit and other numbers of replicas tells what restarts, and how', () => {
    assert.deepEqual(groups('docker-limits'), {
      'frontend (microservice)': {
        lines: ['memory limit: 96 MiB → 80 MiB', 'memory request: 96 MiB → 80 MiB'],
        effects: ['its 2 replicas are replaced one at a time, a new one before an old one ends'],
      },
      'order (microservice)': {
        lines: ['replicas: 2 → 1'],
        effects: [
          '1 replica terminates after its running requests, at the latest after `stopGrace`; 1 replica keeps running',
        ],
      },
      'product (microservice)': {
        lines: ['replicas: 3 → 4'],
        effects: ['the 3 running replicas are kept, 1 replica is added'],
      },
    });
  });

  test('of other secrets, images, variables and routes names them, and no value', () => {
    const found = groups('docker-many');
    assert.deepEqual(found['database (microservice)'], {
      lines: ['secret postgres-password changes'],
      effects: ['its 1 replica stops first: the service is away until a new one is ready; its data is kept'],
    });
    assert.deepEqual(
      [...found['frontend (microservice)'].lines].sort(),
      [
        'a load balancer is created',
        'image: shop/frontend da73d9362221 → 4a20e140843b',
        'memory limit: 96 MiB → 80 MiB',
        'memory request: 96 MiB → 80 MiB',
        'variable REVISION changes',
      ].sort(),
    );
    assert.deepEqual(found['extra (microservice): is created'].lines, [
      'network is created',
      'storage is created',
      '1 replica of image shop/frontend:4a20e140843b',
    ]);
    assert.deepEqual(found['migrate (job)'].effects, ['the job runs again']);
    const { lines, effects } = found['gateway (gateway)'];
    assert.equal(lines[0], 'route /api/extra to extra is added');
    assert.deepEqual(effects, ['the proxy reloads its rules, no connection is cut']);
  });

  test('of what cannot be changed in place says what is away', () => {
    const found = groups('docker-replaced');
    assert.deepEqual(found['user (microservice)'].effects, [
      'the service is deleted and created: no replica answers until a new one is ready',
    ]);
    assert.ok(found['user (microservice)'].lines.includes('way to the internet is created'));
    assert.deepEqual(found['frontend (microservice): is deleted'].effects, ['its 2 replicas end']);
    assert.deepEqual(found['gateway (gateway)'].effects, [
      'the proxy is deleted and created: its connections are cut, and nobody is answered for some seconds',
    ]);
    assert.ok(found['gateway (gateway)'].lines.includes('published port: 22082 → 28123'));
    assert.ok(found['gateway (gateway)'].lines.includes('route / to frontend is removed'));
  });

  test('of another writable folder says that it replaces the service', () => {
    assert.deepEqual(groups('docker-folder')['user (microservice)'], {
      lines: ['writable folder /cache is added'],
      effects: ['the service is deleted and created: no replica answers until a new one is ready'],
    });
  });

  test('on Kubernetes says the same of pods', () => {
    const found = groups('kubernetes-limits');
    assert.deepEqual(found['frontend (microservice)'], {
      lines: ['memory limit: 64Mi → 96Mi', 'memory request: 64Mi → 96Mi'],
      effects: ['its 2 pods are replaced one at a time, a new one before an old one ends'],
    });
    assert.deepEqual(found['product (microservice)'].effects, ['the 2 running pods are kept, 1 pod is added']);
  });

  test('that failed shows the errors in full, each once, and that nothing was changed', () => {
    const text = summary(recorded('docker-wrong'), { stack: 'dev' });
    assert.match(
      text,
      /^error: the configuration of the shop: one argument is not valid; nothing was created or changed\./,
    );
    assert.match(text, /\n {2}replicas\.nosuch: there is no such service; there are: database, /);
    assert.match(text, /The preview of dev failed; nothing was changed\.$/);
  });

  for (const file of readdirSync(FOLDER)) {
    const name = file.replace(/\.json$/, '');
    test(`${name}: every change has its member, and a line or an effect, and no change is lost`, () => {
      const preview = recorded(name);
      for (const { title, lines, effects } of groupsOf(preview)) {
        assert.ok(lines.length + effects.length > 0 || / is (created|deleted)$/.test(title), title);
      }
      const steps = preview.steps.filter(({ op, urn }) => op !== 'same' && !urn.includes('pulumi:pulumi:Stack::'));
      assert.equal(changesOf(preview).length, new Set(steps.map(({ urn }) => urn)).size);
    });

    test(`${name}: no secret, no property of the provider's own`, () => {
      for (const text of [summary(recorded(name), { stack: 'dev' }), markdown(recorded(name), { stack: 'dev' })]) {
        assert.doesNotMatch(text, /\[secret\]|__defaults|sysctl|undefined|\[object|NaN|04da6b54/);
      }
    });
  }
});

test('what was changed by hand is said beside what the inputs show', () => {
  const parent = 'urn:pulumi:s::shop::shop:components:Application$shop:components:Microservice::shop-user';
  const urn = `${parent.replace('::shop-user', '')}$docker:index/service:Service::shop-user-service`;
  const inputs = (maxFailureRatio) => ({
    name: 'user',
    mode: { replicated: { replicas: 2 } },
    updateConfig: { order: 'start-first', parallelism: 1, maxFailureRatio },
  });
  const step = {
    op: 'update',
    urn,
    oldState: { parent, inputs: inputs('0.0') },
    newState: { parent, inputs: inputs('0') },
    detailedDiff: {
      'taskSpec.containerSpec.env.HACK': { kind: 'delete', inputDiff: false },
      'updateConfig.maxFailureRatio': { kind: 'update', inputDiff: false },
      __meta: { kind: 'update', inputDiff: false },
    },
  };
  const application = { op: 'same', urn: 'urn:pulumi:s::shop::shop:components:Application::shop' };
  assert.deepEqual(groupsOf({ steps: [application, step] }), [
    {
      title: 'user (microservice)',
      lines: ['variable HACK is removed'],
      effects: ['its 2 replicas are replaced one at a time, a new one before an old one ends'],
    },
  ]);
});

describe('a service that another takes over from', () => {
  const parent = 'urn:pulumi:s::shop::shop:components:Application$shop:components:Microservice::shop-user';
  const urn =
    'urn:pulumi:s::shop::shop:components:Application$shop:components:Microservice$docker:index/service:Service::shop-user-service';
  const inputs = (name) => ({ name, mode: { replicated: { replicas: 1 } } });
  const step = (op, before, after) => ({
    op,
    urn,
    ...(before && { oldState: { parent, inputs: inputs(before) } }),
    ...(after && { newState: { parent, inputs: inputs(after) } }),
  });
  const application = { op: 'same', urn: 'urn:pulumi:s::shop::shop:components:Application::shop' };
  const only = (...steps) => groupsOf({ steps: [application, ...steps] });

  test('is one change, in which it ends last', () => {
    const steps = [
      step('create-replacement', 'user', 'user-2'),
      step('replace', 'user', 'user-2'),
      step('delete-replaced', 'user'),
    ];
    assert.deepEqual(only(...steps), [
      {
        title: 'user (microservice)',
        lines: [],
        effects: ['a new service user-2 takes over: its replicas answer before those of user end'],
      },
    ]);
  });

  test('and was left by an update that failed is told to end', () => {
    assert.deepEqual(only(step('same', 'user-2', 'user-2'), step('delete-replaced', 'user')), [
      {
        title: 'user (microservice)',
        lines: ['service user, which another has taken over from, is deleted'],
        effects: ['its 1 replica ends'],
      },
    ]);
  });

  const withId = (one, id) => ({ ...one, oldState: { ...one.oldState, id } });

  test('after one that failed is an update of the new one, and the end of the one before', () => {
    const [{ lines, effects }] = only(
      withId(step('update', 'user-2', 'user-2'), 'second'),
      withId(step('delete-replaced', 'user'), 'first'),
    );
    assert.deepEqual(lines, ['service user, which another has taken over from, is deleted']);
    assert.deepEqual(effects, ['nothing restarts', 'its 1 replica ends']);
  });

  test('after one that failed may be another: what ends last is told apart from what was left', () => {
    const [{ lines, effects }] = only(
      withId(step('create-replacement', 'user-2', 'user-3'), 'second'),
      withId(step('replace', 'user-2', 'user-3'), 'second'),
      withId(step('delete-replaced', 'user-2'), 'second'),
      withId(step('delete-replaced', 'user'), 'first'),
    );
    assert.deepEqual(lines, ['service user, which another has taken over from, is deleted']);
    assert.deepEqual(effects, [
      'a new service user-3 takes over: its replicas answer before those of user-2 end',
      'its 1 replica ends',
    ]);
  });

  test('a member of which nothing but a former file goes says so', () => {
    const file = urn
      .replace('service:Service', 'serviceConfig:ServiceConfig')
      .replace('-service', '-configuration-0123456789');
    assert.deepEqual(only({ op: 'delete', urn: file, oldState: { parent, inputs: {} } }), [
      { title: 'user (microservice)', lines: ['objects left over from an earlier update are deleted'], effects: [] },
    ]);
  });
});

describe('storage that a renamed microservice takes over', () => {
  const component = (name) =>
    `urn:pulumi:s::shop::shop:components:Application$shop:components:Microservice::shop-${name}`;
  const application = { op: 'same', urn: 'urn:pulumi:s::shop::shop:components:Application::shop' };
  const moved = (type, [before, after], options = { retainOnDelete: true }) => {
    const urn = (name) => component(name).replace('::shop-', `$${type}::shop-`);
    return [
      application,
      { op: 'delete', urn: component('products'), oldState: { inputs: {} } },
      {
        op: 'delete',
        urn: `${urn('products')}-data`,
        oldState: { ...options, parent: component('products'), inputs: before },
      },
      { op: 'create', urn: component('items'), newState: { inputs: {} } },
      { op: 'create', urn: `${urn('items')}-data`, newState: { parent: component('items'), inputs: after } },
    ];
  };
  const linesFor = (...args) =>
    Object.fromEntries(groupsOf({ steps: moved(...args) }).map(({ title, lines }) => [title.split(' ')[0], lines]));
  const claim = (name) => ({ metadata: { name } });

  for (const [type, kept, other] of [
    ['docker:index/volume:Volume', { name: 'shop-products' }, { name: 'shop-items' }],
    ['kubernetes:core/v1:PersistentVolumeClaim', claim('products-data'), claim('items-data')],
  ]) {
    test(`is said to go there: ${type}`, () => {
      assert.deepEqual(linesFor(type, [kept, kept]), {
        products: ['storage goes to items with its data'],
        items: ['storage of products is taken over with its data'],
      });
    });

    test(`is another one where it has another name: ${type}`, () => {
      assert.deepEqual(linesFor(type, [kept, other]), {
        products: ['storage is no longer used; its data is kept'],
        items: ['storage is created'],
      });
    });
  }

  test('is not said to go there if it is deleted', () => {
    const { items } = linesFor('docker:index/volume:Volume', [{ name: 'a' }, { name: 'a' }], {});
    assert.deepEqual(items, ['storage is created']);
  });
});

describe('on Kubernetes', () => {
  const parent = 'urn:pulumi:s::shop::shop:components:Application$shop:components:Microservice::shop-user';
  const step = (op, kind, name, before, after) => ({
    op,
    urn: `urn:pulumi:s::shop::shop:components:Application$shop:components:Microservice$kubernetes:${kind}::shop-user-${name}`,
    ...(before && { oldState: { parent, inputs: before } }),
    ...(after && { newState: { parent, inputs: after } }),
  });
  const application = { op: 'same', urn: 'urn:pulumi:s::shop::shop:components:Application::shop' };
  const only = (...steps) => {
    const found = groupsOf({ steps: [application, ...steps] });
    assert.equal(found.length, 1);
    assert.equal(found[0].title, 'user (microservice)');
    return [...found[0].lines, ...found[0].effects.map((effect) => `→ ${effect}`)];
  };
  const deployment = (container = {}, more = {}) => ({
    spec: { replicas: 2, template: { spec: { containers: [{ name: 'user', image: 'a:1', ...container }], ...more } } },
  });
  const secrets = (name) => ({
    volumes: [
      {
        name: 'secrets-source',
        projected: { sources: [{ secret: { name, items: [{ key: 'token-key', path: 'token-key' }] } }] },
      },
    ],
  });
  const replaced = '→ its 2 pods are replaced one at a time, a new one before an old one ends';

  test('another secret is one line, whatever it takes', () => {
    assert.deepEqual(
      only(
        step('create', 'core/v1:Secret', 'secret-token-key-2', undefined, { stringData: '[secret]' }),
        step('update', 'apps/v1:Deployment', 'deployment', deployment({}, secrets('a')), deployment({}, secrets('b'))),
        step('delete', 'core/v1:Secret', 'secret-token-key-1', { stringData: '[secret]' }),
      ),
      ['secret token-key changes', replaced],
    );
  });

  test('variables by name, images, limits and commands', () => {
    const before = { env: [{ name: 'A', value: 'x' }], resources: { limits: { cpu: '1' } } };
    const after = {
      env: [
        { name: 'A', value: 'y' },
        { name: 'B', value: 'z' },
      ],
      resources: { limits: { cpu: '2' } },
      command: ['a'],
    };
    assert.deepEqual(
      only(
        step('update', 'apps/v1:Deployment', 'deployment', deployment(before), deployment({ ...after, image: 'a:2' })),
      ),
      ['image: a 1 → 2', 'variable A changes', 'variable B is added', 'cpu limit: 1 → 2', 'command changes', replaced],
    );
  });

  test('a policy of another content is one change, in words', () => {
    const policy = (...names) => ({
      spec: {
        ingress: [
          { from: names.map((name) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/name': name } } })) },
        ],
      },
    });
    assert.deepEqual(
      only(
        step('create', 'networking.k8s.io/v1:NetworkPolicy', 'policy-0123456789', undefined, policy('order', 'web')),
        step('delete', 'networking.k8s.io/v1:NetworkPolicy', 'policy-9876543210', policy('order', 'old')),
      ),
      ['connections from web are allowed', 'connections from old are no longer allowed'],
    );
  });

  test('a network policy that opens to everybody says so', () => {
    const policy = (ingress, egress = []) => ({ spec: { ingress, egress } });
    const peers = (from) => ({ from });
    const pods = (name) => ({ podSelector: { matchLabels: { 'app.kubernetes.io/name': name } } });
    const lines = (before, after) =>
      only(step('update', 'networking.k8s.io/v1:NetworkPolicy', 'policy', before, after));
    assert.deepEqual(lines(policy([peers([pods('web')])]), policy([{}], [{}])), [
      'connections from anywhere are allowed',
      'connections from web are no longer allowed',
      'connections to anywhere are allowed',
    ]);
    const some = [
      { namespaceSelector: {} },
      { ipBlock: { cidr: '0.0.0.0/0' } },
      { podSelector: {} },
      { namespaceSelector: { matchLabels: { team: 'a' } }, ...pods('api') },
    ];
    assert.deepEqual(lines(policy([]), policy([peers(some)])), [
      'connections from all pods in all namespaces are allowed',
      'connections from anywhere (0.0.0.0/0) are allowed',
      'connections from all pods are allowed',
      'connections from api in namespaces with {"team":"a"} are allowed',
    ]);
  });

  test('other init containers than ours are named, and no pod of none is replaced', () => {
    const init = { initContainers: [{ name: 'init', image: 'a:1' }] };
    assert.deepEqual(only(step('update', 'apps/v1:Deployment', 'deployment', deployment(), deployment({}, init))), [
      'init container init is added',
      replaced,
    ]);
    const none = { ...deployment({ image: 'a:2' }) };
    none.spec = { ...none.spec, replicas: 0 };
    assert.deepEqual(only(step('update', 'apps/v1:Deployment', 'deployment', deployment(), none)), [
      'replicas: 2 → 0',
      'image: a 1 → 2',
      '→ 2 pods terminate after their running requests, at the latest after `stopGrace`',
    ]);
  });

  test('an autoscaler, a claim, a job', () => {
    const range = (max) => ({ spec: { minReplicas: 2, maxReplicas: max } });
    assert.deepEqual(only(step('update', 'autoscaling/v2:HorizontalPodAutoscaler', 'autoscaler', range(4), range(6))), [
      'maximum replicas: 4 → 6',
    ]);
    const claim = (storage) => ({ spec: { resources: { requests: { storage } } } });
    assert.deepEqual(only(step('update', 'core/v1:PersistentVolumeClaim', 'data', claim('1Gi'), claim('2Gi'))), [
      'size of the storage: 1Gi → 2Gi',
      '→ the data is kept',
    ]);
    assert.deepEqual(only(step('replace', 'batch/v1:Job', 'job', deployment(), deployment({ image: 'a:2' }))), [
      'image: a 1 → 2',
      '→ the job runs again',
    ]);
  });
});

test('each warning is said once', () => {
  const warning = (path) => ({ severity: 'warning', message: `warning: ${path}: ${SIZE}\n` });
  const diagnostics = [warning('a'), warning('b'), warning('a')];
  assert.deepEqual(
    diagnosticsOf({ diagnostics }).map(({ message }) => message),
    [`warning: a: ${SIZE}`, `warning: b: ${SIZE}`],
  );
});

test('a preview without a change says so', () => {
  assert.equal(summary({ steps: [], changeSummary: { same: 67 } }, { stack: 'dev' }), 'Nothing changes on dev.');
});

test('Markdown has a heading, a list for each member, and notes as they are', () => {
  const text = markdown(recorded('docker-limits'), { stack: 'dev' });
  assert.match(text, /^### Preview of dev\n\n\*\*frontend \(microservice\)\*\*\n\n- memory limit: 96 MiB → 80 MiB\n/);
  assert.match(text, /\n- → its 2 replicas are replaced one at a time/);
  assert.match(text, /```\nwarning: services\.database/);
});

test('the preview is found behind what programs print, and what is none is told apart', () => {
  assert.deepEqual(readPreview('installing\n{"steps":[]}'), { steps: [] });
  assert.equal(readPreview('error: no stack'), undefined);
});

/** A step of a resource of each kind, by the golden dumps of every stack. */
function dumped() {
  const files = readdirSync(join(root, 'test', 'golden')).filter((file) => file.endsWith('.json'));
  const all = files.flatMap((file) => JSON.parse(readFileSync(join(root, 'test', 'golden', file), 'utf8')));
  return [...new Map(all.map((one) => [one.type, one])).values()];
}

describe('every kind of resource of every stack', () => {
  for (const { type, name, inputs } of dumped()) {
    const urn = `urn:pulumi:dev::shop::${type}::${name}`;
    const state = (more = {}) => ({ type, inputs: { ...inputs, ...more } });
    const steps = {
      create: { op: 'create', urn, newState: state() },
      delete: { op: 'delete', urn, oldState: state() },
      update: { op: 'update', urn, oldState: state(), newState: state({ anyProperty: 'new' }) },
      replace: { op: 'replace', urn, oldState: state(), newState: state({ anyProperty: 'new' }) },
      refreshed: {
        op: 'update',
        urn,
        oldState: state(),
        newState: state(),
        detailedDiff: { anyProperty: { kind: 'update' } },
      },
    };
    for (const [op, step] of Object.entries(steps)) {
      test(`${type}: ${op}`, () => {
        const found = groupsOf({ steps: [step] });
        assert.equal(found.length, 1);
        const text = JSON.stringify(found);
        assert.doesNotMatch(text, /undefined|\[object|NaN|\[secret\]/);
      });
    }
  }
});

test('a kind that nobody knows is shown by its type and name, and what changes by its path', () => {
  const urn = 'urn:pulumi:dev::shop::other:index/thing:Thing::mine';
  const step = { op: 'update', urn, oldState: { inputs: { a: { b: 1 } } }, newState: { inputs: { a: { b: 2 } } } };
  assert.deepEqual(groupsOf({ steps: [step] }), [
    { title: 'other resources', lines: ['Thing mine changes', '  a.b: 1 → 2'], effects: [] },
  ]);
});

test('of a policy in JSON, what changes in each statement is shown', () => {
  const urn = 'urn:pulumi:bootstrap::shop::aws:iam/rolePolicy:RolePolicy::ci';
  const inputs = (...Action) => ({
    policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Sid: 'Read', Action },
        { Sid: 'Keys', Action: 'kms:Sign' },
      ],
    }),
  });
  const step = {
    op: 'update',
    urn,
    oldState: { inputs: inputs('eks:ListClusters', 'eks:ListAddons') },
    newState: { inputs: inputs('eks:ListAddons', 'eks:ListUpdates') },
  };
  const [{ lines }] = groupsOf({ steps: [step] });
  assert.deepEqual(lines, [
    'RolePolicy ci changes',
    '  policy.Statement.Read.Action: + eks:ListUpdates, - eks:ListClusters',
  ]);
});

test('lists of plain values show what they gain and lose, and a long one how much more', () => {
  assert.equal(turned(['a', 'b'], ['b', 'c']), '+ c, - a');
  assert.equal(turned(['a', 'b'], ['b', 'a']), 'another order');
  assert.equal(turned(['a'], 'a'), '["a"] → a');
  assert.equal(turned('a', ['a', 'b']), '+ b');
  assert.equal(turned(['a', 'b'], 'b'), '- a');
  assert.equal(turned('a', 'b'), 'a → b');
  const long = (end) => `${'x'.repeat(90)}-${end}`;
  assert.equal(turned(long('old'), long('new')), '…xxxxxxxxxxxxxx-old → …xxxxxxxxxxxxxx-new');
  assert.match(turned([long('a')], [long('a'), long('b')]), /^\+ x+…x+-b$/);
  assert.equal(turned({ list: [long('a')] }, { list: [long('b')] }), '…xxxxxxxxxxxxxx-a"]} → …xxxxxxxxxxxxxx-b"]}');
  assert.match(
    turned(
      [],
      Array.from({ length: 10 }, (_, index) => index),
    ),
    /^\+ 0, .*\+ 7 and 2 more$/,
  );
});

test('a step that nobody knows is named', () => {
  const urn = 'urn:pulumi:dev::shop::other:index/thing:Thing::mine';
  const [{ lines }] = groupsOf({ steps: [{ op: 'import', urn, newState: { inputs: {} } }] });
  assert.deepEqual(lines, ['Thing mine: Pulumi plans to import it']);
});
