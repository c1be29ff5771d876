import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { engine } from './engine';
import type { Attempt } from './target';

/** A server on this machine: it is outside all networks, so it stands for the internet. */
export async function outside(): Promise<{ attempt: Attempt; close(): void }> {
  const server = createServer((socket) => socket.destroy()).listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { IPAM } = (await engine.getNetwork('docker_gwbridge').inspect()) as {
    IPAM: { Config: { Gateway: string }[] };
  };
  const { port } = server.address() as AddressInfo;
  return { attempt: { label: 'outside', host: IPAM.Config[0]!.Gateway, port }, close: () => server.close() };
}
