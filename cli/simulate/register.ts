import { type Command, InvalidArgumentError, Option } from 'commander';
import { giveManual } from '../manual.ts';
import { dataOption, jsonOption } from '../options.ts';
import { wholeNumber } from '../parse-option.ts';
import { type GradingTimes, parseGradingTimes } from './grading-times.ts';
import { DEADLINE_SHAPES, type DeadlineShape } from './make-trace.ts';
import { refuseOtherSources } from './one-source.ts';

/** What `orca simulate` was asked for. */
export interface SimulateOptions {
  readonly workers: number;
  readonly slots: number;
  /** Seconds. */
  readonly overhead: number;
  readonly claimsPerSecond?: number;
  /** Hours. */
  readonly jobHistory?: number;
  readonly data: string;
  readonly students: number;
  /** Percent. */
  readonly repeaters: number;
  readonly repeats: number;
  /** Seconds. */
  readonly window: number;
  readonly deadlineShape: DeadlineShape;
  readonly gradingSeconds: GradingTimes;
  readonly seed: number;
  readonly saveTrace?: string;
  readonly svg?: string;
  readonly json: boolean;
}

/** Does what `orca simulate` does, with the trace in a file if one is named. @returns the exit status */
export type RunSimulate = (file: string | undefined, options: SimulateOptions) => Promise<number>;

const WORKERS = { min: 1, max: 10_000 };
const SLOTS = { min: 1, max: 64 };
const HOURS = { min: 1, max: 24 * 365 };
const STUDENTS = { min: 1, max: 1_000_000 };
const PERCENT = { min: 0, max: 100 };
const REPEATS = { min: 1, max: 100 };
const WINDOW = { min: 1, max: 30 * 86_400 };
const SEED = { min: 0, max: 2 ** 32 - 1 };
const DEFAULTS = { students: 300, repeaters: 10, repeats: 5, window: 3_600 };

const ABOUT = `
It computes, in virtual time, what the queue would do: each place serves the
newest submission of its student, none before its release. Images are taken to
be there and every run to end well. A million submissions take some seconds.

A trace is a file of JSON lines, or of CSV with a header:
{"at": 12.5, "submitter": "ada", "seconds": 4.2}
at,submitter,seconds
at is in seconds or a date in ISO form, of UTC unless it names its zone, and
seconds the time of grading. There may be priority (the delay in seconds) and
immediate (true or false) as well.
Without a file a course before its deadline is made up, the same one for the
same seed, or what this Orca graded lately is replayed (--job-history).`;

/** Adds `orca simulate` to the program. */
export function registerSimulate(program: Command, run: RunSimulate, finish: (status: number) => void): void {
  const command = program
    .command('simulate')
    .description('tell how long students would wait with so many workers')
    .argument('[file]', 'the trace of submissions; without, a course is made up')
    .option('--workers <number>', 'how many workers', wholeNumber(WORKERS), 1)
    .option('--slots <number>', 'how many jobs each grades at once', wholeNumber(SLOTS), 2)
    .option('--overhead <seconds>', 'what is added to the grading of each job', seconds, 0)
    .option('--claims-per-second <number>', 'how many jobs the database hands out at most', positive)
    .addOption(
      new Option('--job-history <hours>', 'replay what was graded in the last hours').argParser(
        wholeNumber(HOURS),
      ),
    )
    .addOption(dataOption('where the "orca up" keeps its data whose history is meant'));
  addCourseOptions(command)
    .option('--save-trace <file>', 'write the trace there, as JSON lines')
    .option('--svg <file>', 'plot what waits and what is graded over time there')
    .addOption(jsonOption('print one JSON object: submissions, submitters, waits, curve'))
    .action(async (file, options) => {
      refuseOtherSources(file, command);
      finish(await run(file, options));
    });
  giveManual(command, {
    about: ABOUT,
    exits: { 0: 'it is told', 1: 'the history cannot be had, or a file cannot be written' },
    usageToo: 'a trace that cannot be read',
    examples: [
      'orca simulate',
      'orca simulate --students 300 --grading-seconds 4/20 --workers 4',
      'orca simulate --window 60 --deadline-shape even --svg night.svg',
      'orca simulate submissions.csv --workers 2 --slots 4 --overhead 0.1',
      ['orca simulate --job-history 24 --workers 1', 'had there been one worker yesterday'],
      "orca simulate --json | jq '.waits.students.p95'",
    ],
  });
}

/** What the course is like that is made up. */
function addCourseOptions(command: Command): Command {
  return command
    .option('--students <number>', 'how many submit', wholeNumber(STUDENTS), DEFAULTS.students)
    .option(
      '--repeaters <percent>',
      'of them, those that submit often',
      wholeNumber(PERCENT),
      DEFAULTS.repeaters,
    )
    .option('--repeats <number>', 'how often these submit', wholeNumber(REPEATS), DEFAULTS.repeats)
    .option(
      '--window <seconds>',
      'the time up to the deadline in which all come',
      wholeNumber(WINDOW),
      DEFAULTS.window,
    )
    .addOption(
      new Option('--deadline-shape <shape>', 'rush: two of three in the last sixth of that time')
        .choices(DEADLINE_SHAPES)
        .default('rush'),
    )
    .addOption(
      new Option(
        '--grading-seconds <times>',
        'each 5, from the first to the second 2-20, or median and p95 4/20',
      )
        .argParser(parseGradingTimes)
        .default(parseGradingTimes('4/20'), '4/20'),
    )
    .option('--seed <number>', 'another one makes up another course', wholeNumber(SEED), 1);
}

function seconds(text: string): number {
  return amount(text, 0, 'It must be a number of seconds, at least 0.');
}

function positive(text: string): number {
  return amount(text, Number.MIN_VALUE, 'It must be a number above 0.');
}

function amount(text: string, min: number, otherwise: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value < min) throw new InvalidArgumentError(otherwise);
  return value;
}
