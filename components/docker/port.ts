import type Docker from 'dockerode';
import { createServer } from 'node:net';
import { LABEL } from '../identity';
import { defaultGatewayPort } from './identity';
import { EngineError } from './preflight';

/**
 * Makes sure that nobody else has the gateway's port.
 *
 * @throws EngineError naming who has it and how to choose another.
 */
export async function checkGatewayPort(docker: Docker, prefix: string, configured: number | undefined): Promise<void> {
  const port = configured ?? defaultGatewayPort(prefix);
  const containers = await docker.listContainers({ filters: { publish: [String(port)] } });
  const holder = containers.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port));
  if (holder) {
    if (holder.Labels[LABEL.partOf] === prefix && holder.Labels[LABEL.component] === 'gateway') return;
    throw taken(port, `container ${holder.Names[0]?.replace(/^\//, '') ?? holder.Id}`);
  }
  // On another machine's engine this machine's ports say nothing.
  const host = process.env['DOCKER_HOST'];
  if (host !== undefined && !host.startsWith('unix:')) return;
  const error = await listenError(port);
  if (error === 'EADDRINUSE') throw taken(port, 'another program');
  if (error === 'EACCES')
    throw new EngineError(
      `port ${port} can't be used for the gateway: this user may not listen on it. Choose one above 1023 with: npx pulumi config set --stack NAME gatewayPort PORT`,
    );
}

function taken(port: number, holder: string): EngineError {
  return new EngineError(
    `port ${port} of 127.0.0.1, where the gateway is to answer, is in use by ${holder}. Stop it, or choose another with: npx pulumi config set --stack NAME gatewayPort PORT`,
  );
}

function listenError(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
