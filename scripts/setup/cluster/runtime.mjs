// Asks a container runtime whether it takes requests of a kubelet, by the call with which a kubelet begins.
import { connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';

const TIMEOUT_MS = 5_000;
// An empty VersionRequest as gRPC sends it: not compressed, no bytes.
const EMPTY_MESSAGE = Buffer.alloc(5);

/**
 * Whether the runtime behind a socket serves CRI v1. containerd listens before it has read what it knows of its
 * containers, and refuses these calls until then; a kubelet that is refused ends.
 */
export function servesKubelets(socket) {
  return new Promise((resolve) => {
    const session = connect('http://localhost', { createConnection: () => connectSocket(socket) });
    const end = (answer) => {
      session.destroy();
      resolve(answer);
    };
    session.on('error', () => end(false));
    session.setTimeout(TIMEOUT_MS, () => end(false));
    const call = session.request({
      ':method': 'POST',
      ':path': '/runtime.v1.RuntimeService/Version',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status;
    const read = (headers) => (status = headers['grpc-status'] ?? status);
    call.on('response', read); // a refused call has its status here
    call.on('trailers', read);
    call.on('error', () => end(false));
    call.on('close', () => end(status === '0'));
    call.resume();
    call.end(EMPTY_MESSAGE);
  });
}
