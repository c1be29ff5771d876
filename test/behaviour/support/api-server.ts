import { request } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';

/** One object as it is sent to a cluster. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name?: string; generateName?: string; namespace?: string; labels?: Record<string, string> };
  [part: string]: unknown;
}

export interface Answer {
  code: number;
  body: unknown;
}

interface ResourceList {
  resources?: { name: string; kind: string; namespaced: boolean }[];
}

/** The API server itself: its client has no way to ask for strict validation, or for what it says of its own schema. */
export class ApiServer {
  private readonly lists = new Map<string, Promise<ResourceList>>();

  constructor(private readonly config: KubeConfig) {}

  async get(path: string): Promise<unknown> {
    const { code, body } = await this.send('GET', path);
    if (code !== 200) throw new Error(`GET ${path}: ${code} ${JSON.stringify(body)}`);
    return body;
  }

  /** Whether it knows objects of this kind. */
  async serves({ apiVersion, kind }: Manifest): Promise<boolean> {
    return (await this.resource(apiVersion, kind)) !== undefined;
  }

  /** Has it take an object as far as it would keep it; a field that it does not know is an error. */
  async dryRun(manifest: Manifest): Promise<Answer> {
    const { apiVersion, kind, metadata } = manifest;
    const resource = await this.resource(apiVersion, kind);
    if (!resource) throw new Error(`the cluster knows no ${kind} of ${apiVersion}`);
    const space = resource.namespaced ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
    return this.send(
      'POST',
      `${root(apiVersion)}${space}/${resource.name}?dryRun=All&fieldValidation=Strict`,
      manifest,
    );
  }

  private async resource(apiVersion: string, kind: string) {
    const path = root(apiVersion);
    const known = this.lists.get(path) ?? this.send('GET', path).then(({ body }) => body as ResourceList);
    this.lists.set(path, known);
    return (await known).resources?.find((one) => one.kind === kind && !one.name.includes('/'));
  }

  private async send(method: string, path: string, content?: unknown): Promise<Answer> {
    const server = new URL(this.config.getCurrentCluster()!.server);
    const options = {
      method,
      host: server.hostname,
      port: server.port,
      path,
      headers: { accept: 'application/json', 'content-type': 'application/json' },
      timeout: 30_000,
    };
    await this.config.applyToHTTPSOptions(options);
    return new Promise((resolve, reject) => {
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = response.headers['content-type']?.includes('json') === true;
          resolve({ code: response.statusCode ?? 0, body: isJson ? (JSON.parse(text) as unknown) : text });
        });
      });
      sent.on('error', reject);
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)));
      sent.end(content === undefined ? undefined : JSON.stringify(content));
    });
  }
}

function root(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
