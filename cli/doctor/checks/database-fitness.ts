import { findSchemaState, type SchemaState, type ServerFacts, workerConnections } from '@orca/database';
import { type Check, EVERYWHERE, fail, ok, type Verdict, warn } from '../check.ts';
import type { Host } from '../host.ts';
import { judgeSeen } from '../look.ts';

/** Connections that each program may hold: its pool, and the one that waits for notifications. */
const CONNECTIONS = { server: 11, imageBuilder: 11 } as const;

/** What the role has to be allowed. */
export function judgeRights({
  hasSchema,
  mayCreate,
  mayUse,
  closedTables,
  role,
  database,
}: ServerFacts): Verdict {
  if (!hasSchema)
    return mayCreate
      ? ok(`The role "${role}" may make the schema orca`)
      : fail(
          `The role "${role}" may not make the schema orca in the database "${database}"`,
          `grant create on database ${database} to ${role}`,
        );
  if (!mayUse || closedTables > 0)
    return fail(
      `The role "${role}" may not use ${mayUse ? `${closedTables} tables of ` : ''}the schema orca`,
      `migrate and run with one role, or: grant usage on schema orca to ${role}; ` +
        `grant select, insert, update, delete on all tables in schema orca to ${role}`,
    );
  return ok(`The role "${role}" may read and write the schema orca`);
}

/** @param needed how many connections this machine's programs may hold */
export function judgeConnections(
  { connectionsMax, connectionsOfOthers }: ServerFacts,
  needed: number,
): Verdict {
  const left = connectionsMax - connectionsOfOthers;
  const now = `${left} of ${connectionsMax} connections are left for Orca; this machine's programs hold up to ${needed}`;
  if (needed <= left) return ok(now);
  return warn(
    now,
    'raise max_connections in postgresql.conf and restart PostgreSQL, or run fewer jobs at once',
  );
}

/** How many connections the programs of a machine may hold: pure. */
export function connectionsOf(host: Pick<Host, 'role' | 'settings'>): number {
  const orchestrator = host.role === 'worker' ? 0 : CONNECTIONS.server + CONNECTIONS.imageBuilder;
  const jobs = host.settings.number('ORCA_CONCURRENCY') ?? 1;
  return orchestrator + (host.role === 'orchestrator' ? 0 : workerConnections(jobs));
}

/** @param migratesItself whether the server brings the schema up to date when it starts */
export function judgeSchema(state: SchemaState, migratesItself: boolean): Verdict {
  switch (state.kind) {
    case 'current':
      return ok('The schema is the one of this checkout');
    case 'behind': {
      const judge = migratesItself ? warn : fail;
      return judge(
        `The schema is older than this checkout: ${state.missing.join(', ')} is missing`,
        'run "npm run migrate" in orchestrator/ (outside of production the server does so when it starts)',
      );
    }
    case 'newer':
      return fail(
        `The schema is newer than this checkout: it is number ${state.found}, and this one knows up to ${state.known}`,
        'upgrade this checkout as DEPLOYMENT.md says (Upgrade and roll-back), then ./orca doctor once more',
      );
    default:
      return state satisfies never;
  }
}

/** Whether the database is ready for this machine's programs. */
export const databaseFitnessChecks: readonly Check[] = [
  {
    name: 'database.rights',
    roles: EVERYWHERE,
    run: (host) => judgeSeen(host.seeDatabase(), ({ facts }) => judgeRights(facts)),
  },
  {
    name: 'database.schema',
    roles: EVERYWHERE,
    run: (host) =>
      judgeSeen(host.seeDatabase(), async ({ db }) => {
        const migratesItself = !host.isProduction && host.role !== 'worker';
        return judgeSchema(await findSchemaState(db), migratesItself);
      }),
  },
  {
    name: 'database.connections',
    roles: EVERYWHERE,
    run: (host) => judgeSeen(host.seeDatabase(), ({ facts }) => judgeConnections(facts, connectionsOf(host))),
  },
];
