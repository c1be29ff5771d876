import type Docker from 'dockerode';

export interface FakeTask {
  ID?: string;
  DesiredState?: string;
  CreatedAt?: string;
  UpdatedAt?: string;
  Spec?: object;
  Status: { State: string; Err?: string; Message?: string; Timestamp?: string };
}

export interface FakeService {
  UpdatedAt?: string;
  labels?: Record<string, string>;
  replicas?: number;
  attempt?: number;
  healthcheck?: string[];
  mounts?: { Type: string; Source?: string }[];
  restart?: 'any' | 'on-failure';
  order?: 'start-first' | 'stop-first';
  update?: { State?: string; Message?: string; StartedAt?: string; CompletedAt?: string };
}

/** What an engine shows at one look. */
export interface Look {
  service: FakeService;
  tasks: FakeTask[];
}

/** A stand-in for dockerode that shows one look after another and keeps on showing the last. */
export class FakeDocker {
  readonly calls: string[] = [];
  looks: Look[] = [];
  services: Record<string, Look> = {};
  /** Addresses by network of each container. */
  networks: Record<string, Record<string, { IPAddress: string; IPAMConfig?: { IPv4Address?: string } | null }>> = {};
  /** Output and last health check of a task's container; without an entry the container is gone. */
  containers: Record<string, { logs: Buffer; health?: string; outOfMemory?: boolean }> = {};
  private at = -1;

  get docker(): Docker {
    return this as unknown as Docker;
  }

  /** Number of looks that were taken. */
  get looked(): number {
    return this.at + 1;
  }

  listServices(options: unknown) {
    this.calls.push(`listServices ${JSON.stringify(options)}`);
    return Promise.resolve(Object.entries(this.services).map(([name, { service }]) => rendered(name, service)));
  }

  getService(name: string) {
    return {
      inspect: () => {
        this.at++;
        return Promise.resolve(rendered(name, this.look().service));
      },
      update: (options: object) => Promise.resolve(void this.calls.push(`update ${name} ${JSON.stringify(options)}`)),
    };
  }

  listTasks({ filters }: { filters: { service: string[] } }) {
    const look = this.services[filters.service[0]!] ?? this.look();
    return Promise.resolve(
      look.tasks.map((task, index) => ({
        ID: `task-${index}`,
        DesiredState: 'running',
        CreatedAt: '2026-01-01T00:00:00Z',
        UpdatedAt: '2026-01-01T00:00:00Z',
        ...task,
        Status: { Timestamp: '2026-01-01T00:00:00Z', ...task.Status },
      })),
    );
  }

  getTask(id: string) {
    const found = this.containers[id];
    return { inspect: () => Promise.resolve({ Status: found ? { ContainerStatus: { ContainerID: id } } : {} }) };
  }

  getContainer(id: string) {
    return {
      inspect: () =>
        Promise.resolve({
          NetworkSettings: { Networks: this.networks[id] ?? {} },
          State: {
            OOMKilled: this.containers[id]?.outOfMemory === true,
            Health: { Log: this.containers[id]?.health === undefined ? [] : [{ Output: this.containers[id].health }] },
          },
        }),
      logs: (options: { tail: number }) => {
        this.calls.push(`logs ${id} ${options.tail}`);
        const found = this.containers[id];
        return found ? Promise.resolve(found.logs) : Promise.reject(new Error('no such container'));
      },
    };
  }

  getNetwork(name: string) {
    return {
      connect: (options: unknown) =>
        Promise.resolve(void this.calls.push(`connect ${name} ${JSON.stringify(options)}`)),
      disconnect: (options: { Container: string }) =>
        Promise.resolve(void this.calls.push(`disconnect ${name} ${options.Container}`)),
    };
  }

  private look(): Look {
    return this.looks[Math.min(Math.max(this.at, 0), this.looks.length - 1)]!;
  }
}

function rendered(name: string, service: FakeService) {
  const { UpdatedAt = '2026-01-01T00:00:00Z', labels, replicas = 1, attempt } = service;
  const { healthcheck, mounts, restart, order, update } = service;
  return {
    ID: `${name}-id`,
    CreatedAt: '2026-01-01T00:00:00Z',
    UpdatedAt,
    Version: { Index: 1 },
    Spec: {
      Name: name,
      ...(labels ? { Labels: labels } : {}),
      Mode: { Replicated: { Replicas: replicas } },
      ...(order === undefined ? {} : { UpdateConfig: { Order: order } }),
      TaskTemplate: {
        ...(attempt === undefined ? {} : { ForceUpdate: attempt }),
        ...(healthcheck || mounts
          ? {
              ContainerSpec: {
                ...(healthcheck ? { Healthcheck: { Test: healthcheck } } : {}),
                ...(mounts ? { Mounts: mounts } : {}),
              },
            }
          : {}),
        ...(restart === undefined ? {} : { RestartPolicy: { Condition: restart } }),
      },
    },
    ...(update ? { UpdateStatus: update } : {}),
  };
}

/** Output as the engine frames it. */
export function framed(...pieces: [stream: number, text: string][]): Buffer {
  return Buffer.concat(
    pieces.map(([stream, text]) => {
      const body = Buffer.from(text);
      const head = Buffer.alloc(8);
      head[0] = stream;
      head.writeUInt32BE(body.length, 4);
      return Buffer.concat([head, body]);
    }),
  );
}
