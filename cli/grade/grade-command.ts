import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadEnvironment } from '@orca/daemon';
import { type Graded, gradeAtHome } from '@orca/grading';
import { flattenScript, type GradingJobConfig } from '@orca/protocol';
import { fieldOf, numberOf, textOf } from '../json-fields.ts';
import { createPaint, type Paint, wantsColours } from '../paint.ts';
import { nameOfSource, readSource, STDIN } from '../read-source.ts';
import { createProgress, type Progress } from '../set-up/progress.ts';
import { showText } from '../show-text.ts';
import { USAGE_STATUS, UserError } from '../user-error.ts';
import { untilAborted, watchSignals } from '../watch-signals.ts';
import { fillJob } from './fill-job.ts';
import { createLiveView } from './live-view.ts';
import { type Home, openDockerHome, openProcessHome } from './open-home.ts';
import { openOnce } from './open-once.ts';
import type { GradeOptions } from './register.ts';
import { stageFiles } from './stage-files.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';
import { watchPaths } from './watch-paths.ts';

const NOT_GRADED_STATUS = 1;
const INTERRUPTED_STATUS = 130;
const GRADING_ID = 'at_home';

interface GradeDeps {
  readonly options: GradeOptions;
  readonly progress: Progress;
  readonly paint: Paint;
  /** Opened when there is a job to run. */
  readonly home: () => Promise<Home>;
  readonly signal: AbortSignal;
}

/**
 * Grades one job on this machine, and again at each change with `--watch`.
 *
 * @param path of the job; `-`: standard input
 * @returns the exit status: 0 when the script ended with its output, 1 when it did not, 2 for a job that is not valid
 * @throws {UserError} when the file cannot be read, or the machine is not and cannot be set up
 */
export async function runGrade(path: string, options: GradeOptions): Promise<number> {
  if (options.watch && path === STDIN)
    throw new UserError('Cannot watch standard input: name a file', { status: USAGE_STATUS });
  const env = loadEnvironment();
  const progress = createProgress(process.stderr);
  using signals = watchSignals(progress.say);
  await using opened = new AsyncDisposableStack();
  const open = async (): Promise<Home> => {
    const setup = { env, progress };
    const made = options.container
      ? await openDockerHome(options, setup, signals.stopping)
      : await openProcessHome(setup);
    return opened.use(made);
  };
  const deps: GradeDeps = {
    options,
    progress,
    paint: createPaint(wantsColours(process.stderr, env)),
    home: openOnce(open),
    signal: signals.stopping,
  };
  try {
    return options.watch ? await gradeAgainAndAgain(path, deps) : (await gradeOnce(path, deps)).status;
  } catch (error) {
    if (signals.stopping.aborted && error === signals.stopping.reason) return INTERRUPTED_STATUS;
    throw error;
  }
}

async function gradeAgainAndAgain(path: string, deps: GradeDeps): Promise<number> {
  const { options, progress, signal } = deps;
  const own = [path, ...(options.dockerfile === null ? [] : [options.dockerfile])].map((each) =>
    resolve(each),
  );
  let sources: readonly string[] = [];
  while (!signal.aborted) {
    // What changes while it is graded is a change, too.
    using watch = watchPaths([...own, ...sources]);
    const before = sources;
    ({ sources } = await gradeOnce(path, deps).catch((error) => goOn(error, sources, deps)));
    using later = watchPaths(sources.filter((source) => !before.includes(source)));
    if (signal.aborted) break;
    progress.say(`Watching ${own.length + sources.length} files; Ctrl-C ends this`);
    await Promise.race([watch.changed, later.changed, untilAborted(signal)]);
  }
  return 0;
}

/** What a person can mend does not end the watching. */
function goOn(error: unknown, sources: readonly string[], { progress }: GradeDeps): Once {
  if (!(error instanceof UserError)) throw error;
  progress.say(error.message);
  return { status: error.status, sources };
}

interface Once {
  readonly status: number;
  /** The local files and folders that the job is made of. */
  readonly sources: readonly string[];
}

async function gradeOnce(path: string, deps: GradeDeps): Promise<Once> {
  const source = await readSource(path);
  if (source.kind === 'broken') return refuse([source.sentence], '', deps);
  const folder = path === STDIN ? process.cwd() : dirname(resolve(path));
  const filled = fillJob(source.value, pathToFileURL(`${folder}/`).href);
  if (filled.kind === 'invalid')
    return refuse(filled.errors, `${nameOfSource(path)}: this job is not valid`, deps);
  for (const warning of filled.warnings) deps.progress.say(`Warning: ${showText(warning)}`);

  await using temporary = await makeTemporaryFolder();
  const { job, sources } = await stageFiles(filled.job, join(temporary.path, 'packed'));
  return { status: await gradeStaged(job, join(temporary.path, 'jobs'), deps), sources };
}

async function gradeStaged(job: GradingJobConfig, jobsFolder: string, deps: GradeDeps): Promise<number> {
  const { options, progress, paint, signal } = deps;
  const home = await deps.home();
  const imageId = await home.chooseImage(job.grader_image_sha, signal);
  if (job.network === 'full' && !options.allowNetwork)
    progress.say('Warning: network: the job asks for the network and gets none; --allow-network gives it');
  const onEvent = createLiveView(flattenScript(job.script), process.stderr, paint);
  const graded = await gradeAtHome(
    { key: job.key, config: job, gradingId: GRADING_ID, queuedMs: 0 },
    { sandbox: home.sandbox, imageId, jobsFolder, allowNetwork: options.allowNetwork, onEvent },
    signal,
  );
  return report(graded, deps);
}

function report(graded: Graded, deps: GradeDeps): number {
  const { options, progress, paint, signal } = deps;
  switch (graded.kind) {
    case 'result': {
      const result: unknown = JSON.parse(graded.body);
      const isPretty = process.stdout.isTTY === true && !options.json;
      process.stdout.write(`${isPretty ? JSON.stringify(result, null, 2) : graded.body}\n`);
      const isGraded = textOf(result, 'output') !== null;
      progress.say(
        isGraded ? paint('green', `Graded${scoreOf(result)}`) : paint('red', reasonNotGraded(result)),
      );
      return isGraded ? 0 : NOT_GRADED_STATUS;
    }
    case 'fault':
    case 'not_now':
      return refuse([graded.sentence], 'The job could not be graded', deps, NOT_GRADED_STATUS).status;
    case 'image_gone':
      return refuse(['Cannot grade the job: its image is gone'], '', deps, NOT_GRADED_STATUS).status;
    case 'stopped':
      signal.throwIfAborted();
      return NOT_GRADED_STATUS;
    default:
      return graded satisfies never;
  }
}

function scoreOf(result: unknown): string {
  const score = fieldOf(result, 'score');
  const earned = numberOf(score, 'earned');
  return earned === null ? '' : `: ${earned} of ${numberOf(score, 'available')}`;
}

function reasonNotGraded(result: unknown): string {
  const errors = fieldOf(result, 'errors');
  const [first] = Array.isArray(errors) ? errors : [];
  return first === undefined
    ? 'Not graded: the script was aborted, no command ended it with its output'
    : `Not graded: ${showText(String(first))}`;
}

function refuse(errors: readonly string[], title: string, deps: GradeDeps, status = USAGE_STATUS): Once {
  if (title !== '') deps.progress.say(deps.paint('red', title));
  for (const sentence of errors) deps.progress.say(`${title === '' ? '' : '  '}${showText(sentence)}`);
  if (deps.options.json) process.stdout.write(`${JSON.stringify({ errors })}\n`);
  return { status, sources: [] };
}
