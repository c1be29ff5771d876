import type { Attachment, Engine } from './engine';
import { LOOK, TRANSIT, TRANSITION_FILE, TRANSITION_RULES } from './proxy-scripts';
import { NotRunningError } from './run-in-service';
import {
  backendSection,
  binds,
  definitions,
  renames,
  sameDefinition,
  sameMode,
  transitionalRules,
  type Later,
} from './rules-text';

/** A proxy in front of a microservice. */
export interface FrontProxy {
  container: string;
  /** The service that brings its rules into force. */
  configService: string;
  /** The rules that this deployment ends with. */
  rules: string;
  /** Rules with a section for the microservice, where those do not have one. */
  sections: string;
}

/** A load balancer of what a workload calls, as the workload sees it. */
export interface CalleeProxy extends Pick<FrontProxy, 'container' | 'configService'> {
  /** On the workload's network. */
  attachment: Attachment;
  /** What it listens on there, as `frontend address`. */
  address: string;
}

/** What a proxy does now. */
interface InForce {
  /** The rules that were deployed last. */
  base: string;
  later: Record<string, string[]>;
  /** Addresses besides those of `base`, as lines of `frontend address`. */
  kept: string[];
}

/**
 * Rules of proxies during rollouts. They are no resources: they come and go within one deployment, and what a deployment
 * that failed leaves behind goes on serving until one succeeds.
 */
export class Transitions {
  private readonly queues = new Map<string, Promise<unknown>>();
  private readonly begun = new Map<string, string[]>();

  constructor(private readonly engine: Engine) {}

  /** Makes proxies know the replicas of a microservice by its new definition as well as by the one in force. */
  async begin(service: string, proxies: readonly FrontProxy[]): Promise<void> {
    for (const proxy of proxies) {
      await this.inTurn(proxy, (before) => {
        const current = definitions(before.base, service, before.later).at(-1);
        const next = backendSection(proxy.rules, service) ?? backendSection(proxy.sections, service);
        if (current === undefined || next === undefined || !sameMode(current, next)) return undefined;
        if (sameDefinition(current, next)) return undefined;
        this.begun.set(service, [...(this.begun.get(service) ?? []), proxy.configService]);
        return {
          ...before,
          later: { ...before.later, [service]: [...(before.later[service] ?? []), next] },
          kept: [...new Set([...before.kept, ...movedBinds(before.base, proxy.rules)])],
        };
      });
    }
  }

  /** Makes a proxy listen on addresses that its rules have not come to yet. */
  async open(proxy: Pick<FrontProxy, 'configService'>, addresses: readonly string[]): Promise<void> {
    await this.inTurn(proxy, (before) => {
      const known = [...addressLines(before.base), ...before.kept];
      const added = addresses.filter((line) => !known.includes(line));
      return added.length === 0 ? undefined : { ...before, kept: [...before.kept, ...added] };
    });
  }

  /** Makes a proxy go on listening where its next rules do not. */
  async keep({ configService, rules }: Pick<FrontProxy, 'configService' | 'rules'>): Promise<void> {
    await this.inTurn({ configService }, (before) => {
      const next = addressLines(rules);
      const left = addressLines(before.base).filter((line) => !next.includes(line) && !before.kept.includes(line));
      return left.length === 0 ? undefined : { ...before, kept: [...before.kept, ...left] };
    });
  }

  /**
   * Takes the new definition back, once no replica is left that it is true of. The proxy goes on listening where the definition
   * would have had it: callers may have been updated meanwhile, and ask there.
   */
  async withdraw(service: string, proxies: readonly FrontProxy[]): Promise<void> {
    const begun = this.begun.get(service) ?? [];
    for (const proxy of proxies.filter(({ configService }) => begun.includes(configService))) {
      await this.inTurn(proxy, (before) => {
        const later = { ...before.later, [service]: (before.later[service] ?? []).slice(0, -1) };
        const own = addressLines(before.base);
        return { ...before, later, kept: before.kept.every((line) => own.includes(line)) ? [] : before.kept };
      });
    }
  }

  /** Leaves nothing but the rules that were deployed, once every microservice has been. */
  async end(proxies: readonly Pick<FrontProxy, 'container' | 'configService'>[]): Promise<void> {
    for (const proxy of proxies) {
      if (!(await this.engine.exists(proxy.container, TRANSITION_FILE))) continue;
      await this.inTurn(proxy, (before) => ({ ...before, later: {}, kept: [] }));
    }
  }

  /** One change of a proxy after another: two microservices behind the gateway may roll out at once. */
  private inTurn(
    { configService }: Pick<FrontProxy, 'configService'>,
    change: (before: InForce) => InForce | undefined,
  ): Promise<void> {
    const turn = (this.queues.get(configService) ?? Promise.resolve()).then(async () => {
      const before = await this.look(configService);
      if (before === undefined) return;
      const after = change(before);
      if (after) await this.engine.run(configService, TRANSIT, payload(before, after));
    });
    this.queues.set(
      configService,
      turn.catch(() => undefined),
    );
    return turn;
  }

  /** A proxy whose rules never came into force gets those of this deployment, and has nothing to lose until then. */
  private async look(configService: string): Promise<InForce | undefined> {
    try {
      return inForce(await this.engine.run(configService, LOOK));
    } catch (error) {
      if (error instanceof NotRunningError) return undefined;
      throw error;
    }
  }
}

function inForce(output: string): InForce {
  const { base = '', transition = '{}', kept = '' } = parts(output);
  return { base, later: JSON.parse(transition) as Later as InForce['later'], kept: lines(kept) };
}

/** Reads parts that each begin with a line `==> name`. */
export function parts(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(/^==> /m)
      .slice(1)
      .map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
  );
}

function payload(before: InForce, after: InForce): string {
  const services = [...new Set([...Object.keys(before.later), ...Object.keys(after.later)])];
  const carried = services.flatMap((name) =>
    renames(name, definitions(before.base, name, before.later), definitions(after.base, name, after.later)),
  );
  const over =
    services.every((name) => definitions(after.base, name, after.later).length < 2) && after.kept.length === 0;
  const content = over
    ? { rules: [] }
    : {
        rules: lines(transitionalRules(after.base, after.later)),
        json: [JSON.stringify(after.later)],
        kept: after.kept,
        lua: lines(TRANSITION_RULES),
      };
  return Object.entries({ ...content, renames: carried.map(({ from, to }) => `${from} ${to}`) })
    .map(([name, list]) => [`==> ${name}`, ...list, ''].join('\n'))
    .concat('==> end\n')
    .join('');
}

function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Addresses that change their port, before and after: callers use the old one until they are updated themselves. */
function movedBinds(before: string, after: string): string[] {
  const added = newBinds(before, after);
  const hosts = new Set(added.map(hostOf));
  return [...addressLines(before).filter((line) => hosts.has(hostOf(line))), ...added];
}

/** Addresses at hosts that the proxy listens on already. */
function newBinds(before: string, after: string): string[] {
  const old = addressLines(before);
  const hosts = new Set(old.map(hostOf));
  return addressLines(after).filter((line) => !old.includes(line) && hosts.has(hostOf(line)));
}

function addressLines(text: string): string[] {
  return [...binds(text)].flatMap(([frontend, addresses]) => addresses.map((one) => `${frontend} ${one}`));
}

function hostOf(line: string): string {
  return line.slice(0, line.lastIndexOf(':'));
}
