import { open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment, loadEnvironment } from '@orca/daemon';
import type { Engine } from '@orca/docker';
import { createPaint, wantsColours } from '../paint.ts';
import { REPOSITORY } from '../repository.ts';
import { prepareMachine } from '../set-up/prepare-machine.ts';
import { createProgress, type Progress } from '../set-up/progress.ts';
import { makeDataFolder } from '../up/lock-data.ts';
import { type RunningSystem, startSystem } from '../up/start-system.ts';
import { UserError } from '../user-error.ts';
import { type StopSignals, untilAborted, watchSignals } from '../watch-signals.ts';
import { createInbox, gradeSubmissions } from './grade-submissions.ts';
import { type Example, loadExamples } from './load-example.ts';
import { createOutcomeInbox, orderImages } from './order-images.ts';
import { type PlannedSubmission, planSubmissions } from './plan-submissions.ts';
import { type PlayedClient, playClient } from './play-client.ts';
import type { DemoOptions } from './register.ts';
import { renderGuide } from './render-guide.ts';
import { renderJson } from './render-json.ts';
import { renderReport } from './render-report.ts';
import { titleSubmissions } from './title-submissions.ts';

const INTERRUPTED_STATUS = 130;
const FOLDER = 'demo';
const WORKERS = 1;
const CONCURRENCY = 2;
const SECOND_MS = 1000;
/** How often to say how far the build of an image is. */
const TELL_PERSON_MS = 5_000;
const TELL_LOG_MS = 15_000;
const SECONDS_WIDTH = 7;

/**
 * Grades the sample submissions of the examples in an Orca of its own, playing the client, and shows what happens.
 *
 * @param names examples; none: all
 * @returns the exit status: 0 when every result is what `expected.json` says
 * @throws {UserError} when it cannot be done
 */
export async function runDemo(names: readonly string[], options: DemoOptions): Promise<number> {
  const env = loadEnvironment();
  refuseProduction(env);
  const progress = createProgress(process.stderr);
  using signals = watchSignals(progress.say);
  const examples = await loadExamples(REPOSITORY.examples, names);
  const dataDir = await makeDataFolder(join(options.data, FOLDER));
  try {
    const engine = await prepareMachine({ env, progress, mayPull: true }, signals.stopping);
    return await demonstrate(examples, { ...options, dataDir }, { engine, progress, signals });
  } catch (error) {
    if (signals.stopping.aborted && error === signals.stopping.reason) return INTERRUPTED_STATUS;
    if (error instanceof UserError)
      throw new UserError(`${error.message}\nThe log of the demo's Orca is ${logPath(dataDir)}`, {
        cause: error,
      });
    throw error;
  }
}

/** A demo migrates the database that it is given, and its builder and worker take jobs from it. */
function refuseProduction(env: Environment): void {
  if (env['ENVIRONMENT'] !== 'production' || !env['POSTGRES_URL']) return;
  throw new UserError(
    'Cannot run a demo: POSTGRES_URL is set and ENVIRONMENT is "production", and a demo would work on that database. ' +
      'Unset both, here or in .env: env -u POSTGRES_URL -u ENVIRONMENT ./orca demo',
  );
}

interface DemoDeps {
  readonly engine: Engine;
  readonly progress: Progress;
  readonly signals: StopSignals;
}

/** From the client's start to the last table; everything that was started is stopped again, whatever happens. */
async function demonstrate(
  examples: readonly Example[],
  options: DemoOptions & { readonly dataDir: string },
  { engine, progress, signals }: DemoDeps,
): Promise<number> {
  const env = loadEnvironment();
  const { dataDir } = options;
  const inbox = createInbox();
  const outcomes = createOutcomeInbox();
  const folders = new Map(examples.map((example) => [example.name, example.folder]));
  await using opened = new AsyncDisposableStack();
  const log = opened.use(await openLog(dataDir));
  const client = opened.use(
    await playClient(folders, { onPost: inbox.receive, onOutcome: outcomes.receive }),
  );
  const planned = examples.flatMap((example) => planSubmissions(example, client));
  const system = await progress.step('Starting PostgreSQL, the server, an image builder and a worker', () =>
    startSystem(
      { dataDir, port: 0, workers: WORKERS, concurrency: CONCURRENCY, output: log.fd },
      { env, engine, say: progress.say },
      signals.stopping,
    ),
  );
  opened.defer(() => system.stop(signals.hurried));

  const say = printer(options.json ? process.stderr : process.stdout);
  const titleOf = titleSubmissions(planned);
  const width = Math.max(...planned.map((one) => titleOf(one).length));
  const tell = (who: string, what: string): void => say(`${who.padEnd(width)}  ${what}`);
  const orcaUrl = system.url;
  const images = await orderImages(examples, {
    ...{ orcaUrl, outcomes, outcomeUrl: client.outcomeUrl, onEvent: tell },
    tellMs: process.stdout.isTTY ? TELL_PERSON_MS : TELL_LOG_MS,
  });
  say(`Sending ${planned.length} submissions to ${orcaUrl}`);
  const reports = await gradeSubmissions(
    planned,
    { orcaUrl, inbox, images, onEvent: (one, what) => tell(titleOf(one), what) },
    signals.stopping,
  );
  const paint = createPaint(wantsColours(process.stdout, env));
  process.stdout.write(options.json ? renderJson(reports) : renderReport(reports, paint));
  if (options.keep) await stayUp(planned, { dataDir, system, client }, signals.stopping);
  return reports.every((report) => report.differences.length === 0) ? 0 : 1;
}

async function stayUp(
  planned: readonly PlannedSubmission[],
  where: { readonly dataDir: string; readonly system: RunningSystem; readonly client: PlayedClient },
  signal: AbortSignal,
): Promise<void> {
  const jobPath = join(where.dataDir, 'job.json');
  // The one with something to see in its result.
  const sample = planned.find(({ expected }) => expected.failed.length > 0) ?? planned[0];
  await writeFile(jobPath, `${JSON.stringify({ ...sample?.job, key: 'sent by hand' }, null, 2)}\n`);
  const { url } = where.system;
  process.stdout.write(renderGuide({ orcaUrl: url, jobPath, responseUrl: where.client.responseUrl }));
  await untilAborted(signal);
}

function logPath(dataDir: string): string {
  return join(dataDir, 'orca.log');
}

/** A log for this run; the one of the run before is kept. */
async function openLog(dataDir: string) {
  const path = logPath(dataDir);
  await rename(path, join(dataDir, 'orca.previous.log')).catch(() => undefined);
  return open(path, 'w');
}

/** Prints lines with the seconds since it was made. */
function printer(output: NodeJS.WritableStream): (line: string) => void {
  const began = performance.now();
  return (line) => {
    const seconds = ((performance.now() - began) / SECOND_MS).toFixed(2).padStart(SECONDS_WIDTH);
    output.write(`${seconds} s  ${line}\n`);
  };
}
