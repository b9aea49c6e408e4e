import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectDatabase } from '@orca/database';
import { assertSound } from '../kit/assert-sound.ts';
import { waitFor } from '../kit/wait-for.ts';
import { askForImages } from './ask-for-images.ts';
import { findLeftOvers } from './find-left-overs.ts';
import { findSecrets } from './find-secrets.ts';
import { injectFault } from './inject-fault.ts';
import { judge, type Verdict } from './judge.ts';
import { type Fault, type FaultName, FAULTS_A_ROUND, planFaults } from './plan-faults.ts';
import { planJobs } from './plan-jobs.ts';
import { growth } from './problems-of.ts';
import { settle } from './settle.ts';
import { startWorld, type World } from './start-world.ts';
import { type Ledger, type Sending, submitJobs } from './submit-jobs.ts';
import { type Footprint, type Held, measure, watchResources } from './watch-resources.ts';

/** What a soak is made of. */
export interface SoakOptions {
  readonly jobs: number;
  /** The same seed gives the same jobs and the same faults in the same order. */
  readonly seed: number;
}

/** How a soak is followed and ended. */
export interface SoakControls {
  /** Gets a line every ten seconds. */
  readonly say: (line: string) => void;
  /** Aborts when no more jobs are to be sent, and what was sent is to be judged. */
  readonly enough: AbortSignal;
}

/** What came out of a soak. */
export interface SoakReport extends SoakOptions {
  readonly seconds: number;
  readonly faults: ReadonlyMap<FaultName, number>;
  readonly verdict: Verdict;
  readonly ledger: Ledger;
  /** How long each client waited for its first result, from the answer to its `PUT`; in milliseconds, shortest first. */
  readonly waitsMs: readonly number[];
  /** Runs that began; more than contents, where a fault ended one. */
  readonly runs: number;
  readonly hurried: number;
  readonly held: {
    readonly start: Footprint;
    readonly end: Footprint;
    readonly peaks: ReadonlyMap<string, Held>;
  };
  /** What is left when all processes have ended: containers, folders of workers. */
  readonly leftOvers: readonly string[];
  /** What was logged and must not be. */
  readonly secrets: readonly string[];
  /** Writes what the processes wrote into a folder, one file each; returns its path. */
  keepLogs(): Promise<string>;
}

/** So many jobs come back before the first fault: what is measured then is what a soak begins with. */
const WARM_UP_JOBS = 4;
/** One of them may need an image that has to be built. */
const WARM_UP_MS = 300_000;
const TELL_EVERY_MS = 10_000;
const REST_MS = 60_000;
const SECOND_MS = 1_000;

/**
 * Sends jobs to an Orca of its own, and hurts one part of it after the other meanwhile; then waits until it is quiet, and
 * compares what the client has with what it should have.
 *
 * @throws when a part does not come back, or the queue is not sound at the end; what the client has or lacks is told in
 *   the report
 */
export async function runSoak(
  options: SoakOptions,
  controls: SoakControls,
  signal: AbortSignal,
): Promise<SoakReport> {
  await using world = await startWorld();
  try {
    return await soak(options, world, controls, signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`The soak broke off; the logs are in ${await keepLogs(world)}`, { cause });
  }
}

async function soak(
  options: SoakOptions,
  world: World,
  { say, enough }: SoakControls,
  signal: AbortSignal,
): Promise<SoakReport> {
  const began = performance.now();
  const elapsed = (): number => Math.round((performance.now() - began) / SECOND_MS);
  const ledger: Ledger = { entries: [], repeats: 0 };
  const sending: Sending = { world, ledger, enough, images: askForImages(world) };
  const jobs = planJobs(options.seed, options.jobs);
  const faults: Fault[] = [];
  const tell = (): void =>
    say(
      `${elapsed()} s: ${ledger.entries.length} of ${options.jobs} jobs sent, ${world.client.endedAt.size} ended, ` +
        `${faults.length} faults${faults.length > 0 ? `, the last: ${faults.at(-1)?.name}` : ''}`,
    );
  const telling = setInterval(tell, TELL_EVERY_MS);
  using _ = { [Symbol.dispose]: () => clearInterval(telling) };

  await warmUp(sending, jobs.slice(0, WARM_UP_JOBS), signal);
  const start = await measure(world);
  await using watch = watchResources(world);
  await underFire(sending, { jobs: jobs.slice(WARM_UP_JOBS), seed: options.seed, faults }, signal);
  say(`${elapsed()} s: no more jobs to send, ${faults.length} faults over; waiting until all is quiet`);

  await using db = await connectDatabase({ url: world.postgres.url, applicationName: 'orca-soak' });
  const { hurried } = await settle(ledger.entries, { world, db }, signal);
  const end = await measureAtRest(world, start);
  const verdict = await judge(ledger.entries, { client: world.client, db });
  if (verdict.lost.length === 0) await assertSound(world.postgres.url);
  return {
    ...options,
    seconds: elapsed(),
    faults: countFaults(faults),
    ...{ verdict, ledger, hurried },
    waitsMs: waitsOf(ledger, world),
    runs: countRuns(world),
    held: { start, end, peaks: watch.peaks },
    leftOvers: await findLeftOvers(world),
    secrets: findSecrets(world),
    keepLogs: () => keepLogs(world),
  };
}

/** Idle connections are closed after some seconds: what is there for longer has grown. */
async function measureAtRest(world: World, start: Footprint): Promise<Footprint> {
  const deadline = Date.now() + REST_MS;
  for (;;) {
    const end = await measure(world);
    if (growth({ start, end }).length === 0 || Date.now() > deadline) return end;
    await sleep(SECOND_MS);
  }
}

/** Writes what each process wrote into a folder; returns its path. */
async function keepLogs({ server, builder, workers }: World): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-soak-logs-'));
  for (const seat of [server, builder, ...workers])
    await writeFile(join(folder, `${seat.name}.log`), seat.log());
  return folder;
}

async function warmUp(
  sending: Sending,
  jobs: Parameters<typeof submitJobs>[0],
  signal: AbortSignal,
): Promise<void> {
  await submitJobs(jobs, sending, signal);
  const hasAll = () => sending.world.client.endedAt.size === sending.ledger.entries.length;
  await waitFor('the first jobs', hasAll, WARM_UP_MS);
}

/** Sends jobs and hurts the system until all jobs are sent, and every kind of fault has come at least once. */
async function underFire(
  sending: Sending,
  plan: { jobs: Parameters<typeof submitJobs>[0]; seed: number; faults: Fault[] },
  signal: AbortSignal,
): Promise<void> {
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  let areSent = false;
  const submitting = submitJobs(plan.jobs, sending, either).then(() => {
    areSent = true;
  });
  submitting.catch((error: unknown) => failing.abort(error));
  try {
    for (const fault of planFaults(plan.seed)) {
      const isRound = plan.faults.length >= FAULTS_A_ROUND || sending.enough.aborted;
      if (areSent && isRound) break;
      await sleep(fault.pauseMs, null, { signal: either });
      plan.faults.push(fault);
      await injectFault(fault, sending.world, either);
    }
  } catch (error) {
    either.throwIfAborted();
    failing.abort(error);
    throw error;
  }
  await submitting;
}

function countFaults(faults: readonly Fault[]): Map<FaultName, number> {
  const counts = new Map<FaultName, number>();
  for (const { name } of faults) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function countRuns({ workers }: World): number {
  return workers
    .map((seat) => seat.log().split('"msg":"job claimed"').length - 1)
    .reduce((sum, count) => sum + count, 0);
}

function waitsOf({ entries }: Ledger, { client }: World): number[] {
  return entries
    .flatMap(({ job, answeredAt }) => {
      const at = client.endedAt.get(job.key);
      return at === undefined ? [] : [Math.max(0, at - answeredAt)];
    })
    .toSorted((one, other) => one - other);
}
