// Secrets where people and programs without a need for them can read them. No message has a value in it.
import { isHarmless, isSecretName, knownSecret, looksRandom } from '../looks-secret';
import { resourceRule, type Finding, type Resource } from '../rule';
import type { Value } from '../value';
import { argumentsOf, containersOf, environmentOf, type Variable } from '../workloads';

/** Variables that AWS services hand to programs. */
function variablesOnAws({ type, props }: Resource): Variable[] {
  if (type === 'aws:lambda/function:Function')
    return props
      .at('environment.variables')
      .entries()
      .map(([name, value]) => ({ name, value }));
  const lists =
    type === 'aws:ecs/taskDefinition:TaskDefinition'
      ? props
          .get('containerDefinitions')
          .json()
          .items()
          .map((container) => container.get('environment'))
      : type === 'aws:codebuild/project:Project'
        ? [props.at('environment.environmentVariables')]
        : [];
  return lists
    .flatMap((list) => list.items())
    .filter((entry) => entry.get('type').isAbsent || entry.get('type').string === 'PLAINTEXT')
    .flatMap((entry) => {
      const name = entry.get('name').string;
      return name === undefined ? [] : [{ name, value: entry.get('value') }];
    });
}

/** Why a named value is taken for a secret; undefined if it is not. */
function suspicion(name: string, value: Value, secrets: readonly string[]): string | undefined {
  if (secrets.includes(value.path)) return 'the program marks its value as secret';
  const text = value.string;
  if (text === undefined) return undefined;
  const known = knownSecret(text);
  if (known !== undefined) return `its value contains ${known}`;
  if (isHarmless(text)) return undefined;
  if (isSecretName(name)) return 'its name indicates a secret';
  return looksRandom(name, text) ? 'its value looks random, like a key or a generated password' : undefined;
}

export const noSecretsInEnvironment = resourceRule({
  name: 'no-secrets-in-environment',
  level: 'mandatory',
  description:
    'No environment variable contains a secret, judging by its name, a known format or a random-looking value: `docker inspect`, `kubectl describe` and crash reports show the environment.',
  remedy:
    'Pass the secret as a file or by reference: a Docker secret, `secretKeyRef` on Kubernetes, Secrets Manager on AWS',
  check: (resource) =>
    [...containersOf(resource).flatMap(environmentOf), ...variablesOnAws(resource)].flatMap(({ name, value }) => {
      const why = suspicion(name, value, resource.secrets ?? []);
      return why === undefined ? [] : [{ path: value.path, problem: `${name}: ${why}` }];
    }),
});

const FLAG = /^--?([\w-]+)(?:=(.*))?$/s;

/** Arguments that have a secret in them, or name one and are followed by it. */
function secretArguments(list: readonly Value[]): Finding[] {
  return list.flatMap((value, index) => {
    const text = value.string;
    if (text === undefined) return [];
    const known = knownSecret(text);
    if (known !== undefined) return [{ path: value.path, problem: `contains ${known}` }];
    const [, flag = '', assigned] = FLAG.exec(text) ?? [];
    if (!isSecretName(flag)) return [];
    const argument = assigned === undefined ? list[index + 1] : value;
    const given = assigned ?? argument?.string ?? '';
    return argument === undefined || given.startsWith('-') || isHarmless(given)
      ? []
      : [{ path: argument.path, problem: `--${flag} is passed a secret` }];
  });
}

/** Values of which it is known that others can read them, by name. */
function readableValues({ type, props }: Resource): [name: string, value: Value][] {
  if (type === 'kubernetes:core/v1:ConfigMap') return props.get('data').entries();
  if (type === 'docker:index/remoteImage:RemoteImage') return props.at('build.buildArgs').entries();
  if (type === 'docker:index/image:Image') return props.at('build.args').entries();
  if (type === 'docker-build:index:Image') return props.get('buildArgs').entries();
  return [];
}

/** Labels, annotations and health checks, in which only known formats are looked for: their names say nothing. */
function readableTexts({ type, props }: Resource): Value[] {
  if (type.startsWith('docker:')) {
    const places = [props, props.at('taskSpec.containerSpec')];
    return places.flatMap((place) => [
      ...place
        .get('labels')
        .items()
        .map((label) => label.get('value')),
      ...place.at('healthcheck.tests').items(),
    ]);
  }
  if (!type.startsWith('kubernetes:')) return [];
  const places = [props.get('metadata'), props.at('spec.template.metadata')];
  return places.flatMap((place) =>
    ['labels', 'annotations'].flatMap((name) =>
      place
        .get(name)
        .entries()
        .map(([, value]) => value),
    ),
  );
}

/** Whole files, in which only known formats are looked for. */
function readableFiles({ type, props }: Resource): Value[] {
  if (type === 'docker:index/serviceConfig:ServiceConfig') {
    const data = props.get('data');
    return [data.string === undefined ? data : data.replaced(Buffer.from(data.string, 'base64').toString('latin1'))];
  }
  if (type === 'aws:ec2/instance:Instance' || type === 'aws:ec2/launchTemplate:LaunchTemplate') {
    const data = props.get('userData');
    const text = data.string;
    return text === undefined ? [] : [data, data.replaced(Buffer.from(text, 'base64').toString('latin1'))];
  }
  return [];
}

export const noPlaintextSecrets = resourceRule({
  name: 'no-plaintext-secrets',
  level: 'mandatory',
  description:
    'No command-line argument, ConfigMap, Swarm config, build argument, EC2 user data, unencrypted SSM parameter, label, annotation or health check contains a secret.',
  remedy: 'Store it in a secret of the platform and have the program read it from there; in builds, use secret mounts',
  check: (resource) => {
    const { type, props, secrets = [] } = resource;
    const parameter =
      type === 'aws:ssm/parameter:Parameter' && props.get('type').string?.startsWith('String')
        ? [[props.get('name').string ?? '', props.get('value')] as const]
        : [];
    return [
      ...containersOf(resource).flatMap((container) => secretArguments(argumentsOf(container))),
      ...[...readableValues(resource), ...parameter].flatMap(([name, value]) => {
        const why = multiline(value) ? knownIn(value) : suspicion(name, value, secrets);
        return why === undefined ? [] : [{ path: value.path, problem: `${name}: ${why}` }];
      }),
      ...[...readableFiles(resource), ...readableTexts(resource)].flatMap((value) => {
        const why = knownIn(value);
        return why === undefined ? [] : [{ path: value.path, problem: why }];
      }),
    ];
  },
});

/** A file: words and numbers in it look random easily. */
const multiline = ({ string }: Value) => string?.includes('\n') ?? false;

function knownIn({ string }: Value): string | undefined {
  const known = knownSecret(string ?? '');
  return known === undefined ? undefined : `contains ${known}`;
}
