import { loadEnvironment, sleep } from '@orca/daemon';
import { statusSentence } from '@orca/protocol';
import { chooseAccess, type OrcaAccess } from '../orca-api/choose-access.ts';
import { textOf } from '../json-fields.ts';
import { OrcaAwayError } from '../orca-api/call-orca.ts';
import { nameOfSource, readSource } from '../read-source.ts';
import { showText } from '../show-text.ts';
import { USAGE_STATUS } from '../user-error.ts';
import { watchSignals } from '../watch-signals.ts';
import type { SubmitOptions } from './register.ts';
import { askForNews, submitJob, type Submitted } from './submit-api.ts';

const POLL_MS = 1_000;
/** How often a server that does not answer is asked again before the following ends. */
const SILENCES_MAX = 10;
const NOT_GRADED_STATUS = 1;
const INTERRUPTED_STATUS = 130;

const say = (line: string): void => void process.stderr.write(`${showText(line)}\n`);

/**
 * Sends a job to a server, and follows it with `--wait`.
 *
 * @param path of the job; `-`: standard input
 * @returns the exit status: 0 when it was taken, with `--wait` when it has been graded; 2 for a job that is not valid
 * @throws {UserError} when the file cannot be read, or the server does not do its part
 */
export async function runSubmit(path: string, options: SubmitOptions): Promise<number> {
  const target = chooseAccess(options, loadEnvironment());
  using signals = watchSignals(() => undefined);
  const source = await readSource(path);
  if (source.kind === 'broken') return refuse([source.sentence], options);
  try {
    // Not checked here: the server may know more than this checkout, or less.
    const submitted = await submitJob(target, source.text, signals.stopping);
    if (submitted.kind === 'invalid') {
      say(`${nameOfSource(path)}: the server does not take this job`);
      return refuse(submitted.errors, options);
    }
    for (const warning of submitted.warnings) say(`warning ${warning}`);
    return await follow(
      submitted,
      { target, options, responseUrl: textOf(source.value, 'response_url') ?? '' },
      signals.stopping,
    );
  } catch (error) {
    if (signals.stopping.aborted && error === signals.stopping.reason) return INTERRUPTED_STATUS;
    throw error;
  }
}

interface Following {
  readonly target: OrcaAccess;
  readonly options: SubmitOptions;
  readonly responseUrl: string;
}

/** The sentences that no other follows. */
const FINAL = new Map(
  (['graded', 'failed', 'cancelled'] as const).map((outcome) => [
    statusSentence({ kind: 'finished', outcome }),
    outcome,
  ]),
);

async function follow(
  { id, location, warnings }: Extract<Submitted, { kind: 'taken' }>,
  { target, options, responseUrl }: Following,
  signal: AbortSignal,
): Promise<number> {
  const print = (line: string): void => {
    if (!options.json) process.stdout.write(`${showText(line)}\n`);
  };
  print(`Job ${id}`);
  let last = '';
  let silences = 0;
  for (;;) {
    try {
      const { sentence } = await askForNews(target, id, signal);
      silences = 0;
      if (sentence !== last) print(sentence);
      last = sentence;
    } catch (error) {
      silences += 1;
      if (!(error instanceof OrcaAwayError) || !options.wait || silences > SILENCES_MAX) throw error;
      if (silences === 1) say(`${error.message}. Asking again`);
    }
    if (!options.wait || FINAL.has(last)) break;
    await sleep(POLL_MS, signal);
  }
  const state = FINAL.get(last) ?? null;
  if (options.json)
    process.stdout.write(`${JSON.stringify({ id, location, sentence: last, state, warnings })}\n`);
  // Its path and query may be secrets of the course.
  say(`The result goes to the response_url of the job, at ${URL.parse(responseUrl)?.host ?? 'its client'}`);
  return !options.wait || state === 'graded' ? 0 : NOT_GRADED_STATUS;
}

function refuse(errors: readonly string[], options: SubmitOptions): number {
  for (const sentence of errors) say(`  ${sentence}`);
  if (options.json) process.stdout.write(`${JSON.stringify({ errors })}\n`);
  return USAGE_STATUS;
}
