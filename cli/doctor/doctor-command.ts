import { join } from 'node:path';
import { type Environment, loadEnvironment } from '@orca/daemon';
import { createPaint, wantsColours } from '../paint.ts';
import { findKeptPostgres } from '../up/keep-postgres.ts';
import { UserError, USAGE_STATUS } from '../user-error.ts';
import { watchSignals } from '../watch-signals.ts';
import type { Role } from './check.ts';
import { CHECKS } from './checks.ts';
import { type ChosenRole, chooseRole } from './choose-role.ts';
import { type DatabaseSource, openHost } from './host.ts';
import { type MachineSettings, readSettings } from './read-settings.ts';
import type { DoctorOptions } from './register.ts';
import { countKinds, renderFindings } from './render-findings.ts';
import { type Finding, runChecks } from './run-checks.ts';
import { serverAddress } from './server-address.ts';

const DEFAULT_COLUMNS = 80;
const FAILED_STATUS = 1;
const INTERRUPTED_STATUS = 130;

/**
 * `orca doctor`: checks this machine, and says how to mend what it finds. Changes nothing.
 *
 * @returns the exit status: 0 when nothing failed, 1 when something did, 130 when it was interrupted
 * @throws {UserError} for a `--url` that is none
 */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  const env = loadEnvironment();
  const chosen = chooseRole(options.role, env, process.cwd());
  using signals = watchSignals(() => undefined);
  try {
    const findings = await examine(options, { env, chosen }, signals.stopping);
    process.stdout.write(options.json ? toJson(chosen, findings) : toText(chosen, findings, env));
    const { fail, warn } = countKinds(findings);
    return fail > 0 || (options.strict && warn > 0) ? FAILED_STATUS : 0;
  } catch (error) {
    if (signals.stopping.aborted && error === signals.stopping.reason) return INTERRUPTED_STATUS;
    throw error;
  }
}

async function examine(
  options: DoctorOptions,
  { env, chosen }: { readonly env: Environment; readonly chosen: ChosenRole },
  signal: AbortSignal,
): Promise<Finding[]> {
  const { role } = chosen;
  const database = await findDatabase(options, env);
  const settings = await readSettings(role, envOf({ ...options, role }, env, database));
  const server = addressOf(options, role, settings);
  await using host = openHost({ role, env, folder: process.cwd(), settings, database, server });
  return await runChecks(CHECKS, host, signal);
}

async function findDatabase(options: DoctorOptions, env: Environment): Promise<DatabaseSource> {
  const url = env['POSTGRES_URL']?.trim();
  if (url) return { kind: 'setting', url };
  const kept = await findKeptPostgres(options.data);
  if (kept !== null) return { kind: 'embedded', url: kept };
  // "orca up" makes one; a part that runs on its own, or in production, has to be told.
  return { kind: 'none', isRequired: options.role !== null || env['ENVIRONMENT'] === 'production' };
}

/** What the programs are started with: "orca up" tells them where its database and its folders are. */
function envOf(
  { role, data }: { readonly role: Role; readonly data: string },
  env: Environment,
  database: DatabaseSource,
): Environment {
  if (role !== 'all' || database.kind === 'setting') return env;
  return {
    ...env,
    ...(database.kind === 'embedded' ? { POSTGRES_URL: database.url } : {}),
    ORCA_IMAGE_FOLDER: join(data, 'images'),
    ORCA_WORKER_FOLDER: join(data, 'workers'),
  };
}

function addressOf({ url }: DoctorOptions, role: Role, settings: MachineSettings): URL | null {
  if (url === null) return serverAddress(role, settings);
  const address = URL.parse(url.endsWith('/') ? url : `${url}/`);
  if (address !== null && /^https?:$/.test(address.protocol) && address.username + address.password === '')
    return address;
  throw new UserError(
    'Cannot use --url: it must look like http://127.0.0.1:4000, without user and password',
    {
      status: USAGE_STATUS,
    },
  );
}

function toText({ role, because }: ChosenRole, findings: readonly Finding[], env: Environment): string {
  const paint = createPaint(wantsColours(process.stdout, env));
  const columns = process.stdout.isTTY ? process.stdout.columns || DEFAULT_COLUMNS : null;
  return `Role ${role}: ${because}\n\n${renderFindings(findings, { columns, paint })}`;
}

/** What a program reads: the members are documented in docs/guides/doctor.md. */
function toJson({ role, because }: ChosenRole, findings: readonly Finding[]): string {
  const checks = findings.map(({ name, verdict, ms }) => {
    const { kind: state, ...said } = verdict;
    return { name, state, ...said, ms };
  });
  return `${JSON.stringify({ role, because, counts: countKinds(findings), checks }, null, 2)}\n`;
}
