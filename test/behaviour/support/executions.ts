import { target } from './target';
import { sleep } from './wait';

const POLL_MS = 1_500;

interface Line {
  message?: string;
  number?: number;
  id?: string;
  replica?: string;
}

/**
 * Counts how often the replicas of a service have executed each request, from their logs: no client can see that a request
 * was executed twice. The logs are read while a load runs, since those of a replica that has left may be gone at the end.
 */
export class Executions {
  /** Replicas that have executed a request, by its id. */
  private readonly byId = new Map<string, string[]>();
  private readonly seen = new Set<string>();
  private stopped = false;
  private readonly polling: Promise<void>;

  constructor(
    private readonly scope: string,
    private readonly service: string,
  ) {
    this.polling = this.poll();
  }

  /** Reads the logs a last time. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.polling;
    await this.look();
  }

  /** Names of the replicas that have executed a request, each as often as it did. */
  of(id: string): readonly string[] {
    return this.byId.get(id) ?? [];
  }

  /** Reads the logs now. */
  async look(): Promise<void> {
    const all = await target.containers(this.scope);
    const replicas = all.filter(({ service, component }) => service === this.service && component === 'microservice');
    await Promise.all(
      replicas.map(async ({ id }) => {
        // One that has just gone has no log any more.
        const text = await target.logs(id).catch(() => '');
        for (const line of text.split('\n')) this.take(id, line);
      }),
    );
  }

  private async poll(): Promise<void> {
    while (!this.stopped) {
      await this.look().catch(() => {});
      await sleep(POLL_MS);
    }
  }

  private take(container: string, text: string): void {
    if (!text.includes('"executed"')) return;
    const { number, id, replica } = JSON.parse(text) as Line;
    const key = `${container}:${number}`;
    if (id === undefined || replica === undefined || this.seen.has(key)) return;
    this.seen.add(key);
    this.byId.set(id, [...(this.byId.get(id) ?? []), replica]);
  }
}
