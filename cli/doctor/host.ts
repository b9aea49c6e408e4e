import type { Environment } from '@orca/daemon';
import { connectDatabase, type Database, describeServer, type ServerFacts } from '@orca/database';
import { connectEngine, type Engine, engineComponents, type EngineInfo, engineInfo } from '@orca/docker';
import type { Role } from './check.ts';
import { type Look, lookOnce } from './look.ts';
import type { MachineSettings } from './read-settings.ts';

/** An engine that answers, and what it says. */
export interface SeenEngine {
  readonly engine: Engine;
  readonly info: EngineInfo;
  readonly components: ReadonlyMap<string, string>;
}

/** A database that answers, and what it says. */
export interface SeenDatabase {
  readonly db: Database;
  readonly facts: ServerFacts;
  /** How far its clock is ahead of ours. */
  readonly skewMs: number;
}

/** Where the database is known from, or that there is none yet. */
export type DatabaseSource =
  | { readonly kind: 'setting'; readonly url: string }
  /** That of the `orca up` that runs. */
  | { readonly kind: 'embedded'; readonly url: string }
  /** `isRequired`: this machine's programs do not start without. */
  | { readonly kind: 'none'; readonly isRequired: boolean };

/** What is known of the machine before anything is looked at. */
export interface HostSetup {
  readonly role: Role;
  readonly env: Environment;
  /** The working folder: of `.env`. */
  readonly folder: string;
  readonly settings: MachineSettings;
  readonly database: DatabaseSource;
  /** Of the API server, with a slash at the end; `null`: what the settings say is no address. */
  readonly server: URL | null;
}

/** A machine that is being examined. What several checks look at is looked at once. */
export interface Host extends HostSetup, AsyncDisposable {
  readonly isProduction: boolean;
  /** The engine of jobs, or of builds where no jobs run. */
  engine(): Promise<Look<SeenEngine>>;
  seeDatabase(): Promise<Look<SeenDatabase>>;
}

/** Opens a machine for examination; nothing is looked at before somebody asks. */
export function openHost(setup: HostSetup): Host {
  const opened = new AsyncDisposableStack();
  const { settings, database } = setup;
  const reason =
    database.kind === 'none' ? 'there is no database to ask yet' : 'the database does not answer';
  return {
    ...setup,
    isProduction: settings.text('ENVIRONMENT') === 'production',
    engine: lookOnce(() => seeEngine(settings.text('DOCKER_HOST') || undefined), 'no engine answers'),
    seeDatabase: lookOnce(async () => {
      if (database.kind === 'none') throw new Error('Cannot look at the database: there is none yet');
      const seen = await seeDatabase(database.url);
      opened.use(seen.db);
      return seen;
    }, reason),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** @throws {EngineError} */
async function seeEngine(dockerHost: string | undefined): Promise<SeenEngine> {
  const engine = await connectEngine(dockerHost);
  const [info, components] = await Promise.all([engineInfo(engine), engineComponents(engine)]);
  return { engine, info, components };
}

/** @throws {DatabaseError} */
async function seeDatabase(url: string): Promise<SeenDatabase> {
  const db = await connectDatabase({ url, applicationName: 'orca-doctor', poolSize: 2 });
  try {
    // The second time: the first one has opened the connection and read the statement.
    await describeServer(db);
    const before = Date.now();
    const facts = await describeServer(db);
    const middle = (before + Date.now()) / 2;
    return { db, facts, skewMs: facts.now.getTime() - middle };
  } catch (error) {
    await db[Symbol.asyncDispose]();
    throw error;
  }
}
