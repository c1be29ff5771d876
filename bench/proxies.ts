import { command } from '../test/behaviour/support/command';
import { engine, exec, TEST_LABEL } from '../test/behaviour/support/engine';
import { baseImage, haproxyImage, nginxImage } from '../test/behaviour/support/environment';
import { goArchitecture, goProgram, hasGo, type GoProgram } from './go-program';
import { CADDY, HAPROXY, NGINX, type Peer } from './peers';

const CONFIGURATION = '/var/lib/haproxy/haproxy.cfg';
const PROGRAMS: [Peer, Pick<GoProgram, 'name' | 'main'>][] = [
  [CADDY, { name: 'caddy', main: 'github.com/caddyserver/caddy/v2/cmd/caddy' }],
];

export interface Contender {
  peer: Peer;
  image: string;
  /** The program, where it is not in the image. */
  program?: string;
}

/** The peers that can run here: those that are built need Go. */
export async function contenders(): Promise<Contender[]> {
  const found: Contender[] = [
    { peer: NGINX, image: nginxImage() },
    { peer: HAPROXY, image: haproxyImage() },
  ];
  if (!(await hasGo())) return found;
  const { Architecture } = (await engine.info()) as { Architecture: string };
  const env = { CGO_ENABLED: '0', GOOS: 'linux', GOARCH: goArchitecture(Architecture) };
  const image = baseImage('debian:trixie-slim');
  for (const [peer, { name, main }] of PROGRAMS)
    found.push({ peer, image, program: await goProgram({ name, main, env }) });
  return found;
}

/** Starts a peer before the servers. @returns the container's id. */
export async function startPeer(
  { peer, image, program }: Contender,
  networks: string[],
  servers: string[],
): Promise<string> {
  const file = `/tmp/${peer.file}`;
  return start({
    image,
    files: { [file]: peer.configuration(servers) },
    run: peer.start(file),
    networks,
    label: peer.file,
    ...(program === undefined ? {} : { program }),
  });
}

/** The configuration and the rules of a gateway that runs. */
export async function gatewayFiles(
  container: string,
): Promise<{ configuration: string; rules: Record<string, string> }> {
  const configuration = await read(container, CONFIGURATION);
  const rules = [...configuration.matchAll(/^ *lua-load (\S+)$/gm)].map(([, file]) => file!);
  return {
    configuration,
    rules: Object.fromEntries(
      await Promise.all(rules.map(async (file) => [file, await read(container, file)])),
    ) as Record<string, string>,
  };
}

/** Starts HAProxy as a gateway runs it, with another configuration. @returns the container's id. */
export async function startGateway(
  configuration: string,
  rules: Record<string, string>,
  networks: string[],
): Promise<string> {
  return start({
    image: haproxyImage(),
    files: { ...rules, [CONFIGURATION]: configuration },
    run: ['haproxy', '-W', '-db', '-f', CONFIGURATION],
    networks,
    label: 'gateway',
  });
}

interface Start {
  image: string;
  files: Record<string, string>;
  run: string[];
  networks: string[];
  label: string;
  /** A program to put beside those of the image. */
  program?: string;
}

async function start({ image, files, run, networks, label, program }: Start): Promise<string> {
  const texts = Object.entries(files);
  const write = texts.map(([file], index) => `printf %s "$FILE_${index}" > ${file}`);
  const container = await engine.createContainer({
    Image: image,
    Entrypoint: ['sh', '-c', `${write.join(' && ')} && exec "$@"`, 'sh'],
    Cmd: run,
    Env: texts.map(([, text], index) => `FILE_${index}=${text}`),
    User: '0',
    Labels: { [TEST_LABEL]: label },
    HostConfig: { NetworkMode: networks[0]! },
  });
  try {
    if (program !== undefined) {
      const name = `${container.id}:/usr/local/bin/${run[0]}`;
      const { code, output } = await command('docker', ['cp', program, name]);
      if (code !== 0) throw new Error(output);
    }
    for (const network of networks.slice(1)) await engine.getNetwork(network).connect({ Container: container.id });
    await container.start();
  } catch (error) {
    await container.remove({ force: true });
    throw error;
  }
  return container.id;
}

async function read(container: string, file: string): Promise<string> {
  const { code, output } = await exec(container, ['cat', file]);
  if (code !== 0) throw new Error(output);
  return output;
}
