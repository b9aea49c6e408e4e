import { randomInt } from 'node:crypto';
import { delimiter } from 'node:path';
import { loadEnvironment } from '@orca/daemon';
import { createPaint, type Paint, wantsColours } from '../paint.ts';
import { REPOSITORY } from '../repository.ts';
import { prepareMachine } from '../set-up/prepare-machine.ts';
import { createProgress } from '../set-up/progress.ts';
import { UserError } from '../user-error.ts';
import { watchSignals } from '../watch-signals.ts';
import { findTests } from './find-tests.ts';
import { SEED_MAX, type TestOptions } from './register.ts';
import { renderAgain, renderCheck, renderFile, renderSummary } from './report-tests.ts';
import { runAllTests } from './run-all-tests.ts';
import { CHECKS, runCheck } from './run-check.ts';
import { runSoak } from './run-soak.ts';
import { runTests, type TestFileReport } from './run-tests.ts';
import type { Counts } from './tally-tests.ts';

interface Tally extends Counts {
  readonly failures: string[];
  /** Failed, and passed when they ran again. */
  readonly flaky: string[];
}

/**
 * Sets the machine up and runs every check of this checkout, or the soak, which counts as one. The last line that it prints is `N passed, N failed`,
 * whatever happens; each check counts as one test.
 *
 * @returns the exit status: 1 when anything failed or was called off
 */
export async function runTest(options: TestOptions): Promise<number> {
  const env = loadEnvironment();
  const paint = createPaint(wantsColours(process.stdout, env));
  const tally: Tally = { passed: 0, failed: 0, skipped: 0, failures: [], flaky: [] };
  // On standard output too: there the order of the lines is certain, and the last one is the last.
  const progress = createProgress(process.stdout);
  using signals = watchSignals(progress.say);
  try {
    // No registry is asked: a test run sends nothing out, unless packages have to be installed.
    await prepareMachine({ env, progress, mayPull: false }, signals.stopping);
    if (options.soak === undefined) {
      await runChecks(tally, paint, signals.stopping);
      await runTestFiles(options, tally, paint, signals.stopping);
    } else if (await runSoak({ jobs: options.soak, seed: options.seed ?? randomInt(SEED_MAX) }, signals)) {
      tally.passed += 1;
    } else {
      tally.failed += 1;
      tally.failures.push('the soak');
    }
  } catch (error) {
    const isStopped = signals.stopping.aborted && error === signals.stopping.reason;
    if (!isStopped && !(error instanceof UserError)) throw error;
    if (error instanceof UserError) process.stdout.write(`${error.message}\n`);
    tally.failed += 1;
    tally.failures.push(isStopped ? 'the rest: it was called off' : 'the set-up of this machine');
  }
  process.stdout.write(renderSummary(tally, paint));
  return tally.failed === 0 ? 0 : 1;
}

async function runChecks(tally: Tally, paint: Paint, signal: AbortSignal): Promise<void> {
  const env = loadEnvironment();
  // First on the path is the project's own Node: what is installed on the machine may be older.
  const path = `${REPOSITORY.programs}${delimiter}${env['PATH'] ?? ''}`;
  for (const check of CHECKS) {
    const outcome = await runCheck(
      check,
      { folder: REPOSITORY.root, env: { ...env, PATH: path, NO_COLOR: '1' } },
      signal,
    );
    process.stdout.write(renderCheck(check, outcome, paint));
    if (outcome.passed) tally.passed += 1;
    else {
      tally.failed += 1;
      tally.failures.push(check.name);
    }
  }
}

async function runTestFiles(
  { all, again }: TestOptions,
  tally: Tally,
  paint: Paint,
  signal: AbortSignal,
): Promise<void> {
  const folder = REPOSITORY.root;
  const namesIn = ({ file, failures }: TestFileReport): string[] =>
    failures.map(({ name }) => `${file}: ${name}`);
  const { reports, flaky } = await runAllTests(folder, await findTests(folder, all), again, {
    run: (test, onFile) => runTests(test, onFile, signal),
    onFile: (report) => void process.stdout.write(renderFile(report, paint)),
    onAgain: (files) => void process.stdout.write(renderAgain(files)),
  });
  for (const report of reports) {
    tally.passed += report.passed;
    tally.failed += report.failed;
    tally.skipped += report.skipped;
    tally.failures.push(...namesIn(report));
  }
  tally.flaky.push(...flaky.flatMap(({ first }) => namesIn(first)));
}
