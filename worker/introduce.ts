import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { beatWorker, type Database, type NewWorker, registerWorker } from '@orca/database';
import { type Engine, engineInfo } from '@orca/docker';
import type { Fitness } from './fitness.ts';
import packageFile from './package.json' with { type: 'json' };

/** What the database knows of this worker. The token is what images are fetched with; only its hash is stored. */
export async function introduce(
  { workerId, token }: { workerId: string; token: string },
  engine: Engine | null,
  { ORCA_CONCURRENCY: slots }: { readonly ORCA_CONCURRENCY: number },
): Promise<NewWorker> {
  return {
    workerId,
    hostname: hostname(),
    tokenHash: createHash('sha256').update(Buffer.from(token, 'hex')).digest(),
    version: packageFile.version,
    slots,
    engineId: engine === null ? `no engine on ${hostname()}` : (await engineInfo(engine)).id,
  };
}

/** Tells the database that this worker lives; one that it has forgotten introduces itself again. */
export async function signOfLife(
  db: Database,
  me: NewWorker,
  { troubles }: Pick<Fitness, 'troubles'> = { troubles: [] },
): Promise<void> {
  if (!(await beatWorker(db, me.workerId, { troubles }))) await registerWorker(db, me);
}
