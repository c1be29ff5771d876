import type { ApplicationDefinition, VersionedSecret } from '../components';
import { suggest, throwIfAny, type Problem } from '../components/validation';
import type { Input } from '@pulumi/pulumi';

/** The shop's images by the name of their folder in app/. */
export type ShopImages = Record<
  'frontend' | 'user-service' | 'product-service' | 'order-service' | 'database',
  Input<string>
>;

/** Secrets by use. */
export type ShopSecrets = Record<
  'postgres-password' | 'user-password' | 'product-password' | 'order-password' | 'token-key',
  VersionedSecret
>;

export interface ShopArgs {
  images: ShopImages;
  secrets: ShopSecrets;
  /** Number of replicas by service, where it is not the default. */
  replicas: Record<string, number>;
  /** A new text rolls every stateless service. */
  revision: string;
  /** Name of a backup that is to be made, unless it is there already. */
  backup?: string | undefined;
  /** What the database is to be restored from, `NAME@REQUEST`; the same request is carried out once only. */
  restore?: string | undefined;
  gatewayPort?: number | undefined;
  /** CIDRs of proxies in front of the gateway that may say who the client is. */
  trustedProxies?: string[] | undefined;
}

/** Backups that are kept; each new one removes the oldest. */
const BACKUPS = 10;

/**
 * The shop, whatever it runs on.
 *
 * @throws InvalidArgumentsError for replicas of a service that does not exist, and for a backup and a restore at once.
 */
export function shop(args: ShopArgs): ApplicationDefinition {
  const { images, secrets, revision, gatewayPort, trustedProxies } = args;
  const { 'token-key': _tokenKey, ...passwords } = secrets;
  const database = { DATABASE_HOST: 'database', DATABASE_PORT: '5432', DATABASE_NAME: 'shop' };
  const health = { alive: { http: { path: '/healthz' } }, ready: { http: { path: '/readyz' } } } as const;
  const definition: ApplicationDefinition = {
    services: {
      database: {
        image: images.database,
        port: 5432,
        protocol: 'tcp',
        env: {
          POSTGRES_DB: 'shop',
          PGDATA: '/var/lib/postgresql/data/pgdata',
          POSTGRES_PASSWORD_FILE: '/run/secrets/postgres-password',
        },
        secrets: { 'postgres-password': secrets['postgres-password'] },
        alive: { exec: ['pg_isready', '--quiet', '--host=127.0.0.1'] },
        ready: { tcp: {} },
        storage: { path: '/var/lib/postgresql/data', size: '5Gi' },
        resources: { cpu: '1', memory: '512Mi' },
        hardening: { user: '999:999' },
        writablePaths: ['/tmp', '/var/run/postgresql'],
        stopGrace: '30s',
      },
      user: {
        image: images['user-service'],
        port: 8080,
        ...health,
        env: { ...database, DATABASE_USER: 'user_service', REVISION: revision },
        secrets: { 'database-password': secrets['user-password'], 'token-key': secrets['token-key'] },
        resources: { memory: '384Mi' },
        calls: ['database'],
        after: ['migrate'],
      },
      product: {
        image: images['product-service'],
        port: 8080,
        ...health,
        env: { ...database, DATABASE_USER: 'product_service', REVISION: revision },
        secrets: { 'database-password': secrets['product-password'] },
        resources: { memory: '384Mi' },
        calls: ['database'],
        after: ['migrate'],
      },
      order: {
        image: images['order-service'],
        port: 8080,
        ...health,
        env: {
          ...database,
          DATABASE_USER: 'order_service',
          USER_SERVICE_URL: 'http://user:8080',
          PRODUCT_SERVICE_URL: 'http://product:8080',
          REVISION: revision,
        },
        secrets: { 'database-password': secrets['order-password'] },
        calls: ['database', 'user', 'product'],
        after: ['migrate'],
      },
      frontend: {
        image: images.frontend,
        port: 8080,
        ...health,
        env: { REVISION: revision },
        resources: { memory: '64Mi' },
      },
    },
    jobs: {
      migrate: {
        image: images.database,
        command: ['migrate'],
        env: database,
        secrets: passwords,
        calls: ['database'],
        // A backup that fails must stop an update before it changes the data.
        after: ['database', 'backup'],
      },
      // Writes backups, and restores them: it alone has the storage where they are.
      backup: {
        image: images.database,
        ...backupRun(args),
        env: { ...database, BACKUP_DIR: '/backups', KEEP: String(BACKUPS) },
        // A restore ends with a migration.
        secrets: passwords,
        storage: { path: '/backups', size: '5Gi' },
        resources: { memory: '128Mi' },
        timeout: '30m',
        hardening: { user: '999:999' },
        calls: ['database'],
        after: ['database'],
      },
    },
    gateway: {
      routes: [
        { path: '/', to: 'frontend' },
        { path: '/api/users', to: 'user' },
        { path: '/api/sessions', to: 'user' },
        { path: '/api/products', to: 'product' },
        { path: '/api/orders', to: 'order' },
      ],
      ...(gatewayPort === undefined ? {} : { port: gatewayPort }),
      ...(trustedProxies === undefined ? {} : { trustedProxies }),
    },
  };
  const problems = setReplicas(definition, args.replicas);
  if (args.backup !== undefined && args.restore !== undefined) {
    problems.push({ path: 'restore', allowed: 'cannot be together with backup', fix: 'remove one of them' });
  }
  throwIfAny('the configuration of the shop', problems);
  return definition;
}

function backupRun({ backup, restore }: ShopArgs): { command: string[]; run: boolean } {
  if (restore !== undefined) return { command: ['restore', restore], run: true };
  return backup === undefined ? { command: ['backup'], run: false } : { command: ['backup', backup], run: true };
}

/** @returns a problem for each service that does not exist. */
function setReplicas(definition: ApplicationDefinition, replicas: Record<string, number>): Problem[] {
  const problems: Problem[] = [];
  for (const [service, count] of Object.entries(replicas)) {
    const args = Object.hasOwn(definition.services, service) ? definition.services[service] : undefined;
    if (args) args.replicas = count;
    else
      problems.push({
        path: `replicas.${service}`,
        allowed: `there is no such service; ${suggest(service, Object.keys(definition.services))}`,
      });
  }
  return problems;
}
