import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { loadEnvironment } from '@orca/daemon';
import { connectDatabase, DatabaseError, REPORT_STATEMENT_MS } from '@orca/database';
import { listJobHistory, type Submission, simulate } from '@orca/database/simulation';
import { findDatabase } from '../find-database.ts';
import { reasonOf } from '../read-source.ts';
import { UserError } from '../user-error.ts';
import { depthCurve } from './depth-curve.ts';
import { makeTrace } from './make-trace.ts';
import { measureWaits } from './measure-waits.ts';
import { readTrace, traceLine } from './read-trace.ts';
import type { SimulateOptions } from './register.ts';
import { renderReport } from './render-report.ts';
import { renderSvg } from './render-svg.ts';

const HOUR_SECONDS = 3_600;
const CHART_COLUMNS = 64;
const PLOT_STEPS = 400;

/**
 * `orca simulate`: puts a trace through the queue in virtual time.
 *
 * @returns the exit status
 * @throws {UserError} when the trace cannot be had, or a file not be written
 */
export async function runSimulate(file: string | undefined, options: SimulateOptions): Promise<number> {
  const trace = await findTrace(file, options);
  const { workers, slots: slotsPerWorker, overhead: overheadSeconds, claimsPerSecond = null } = options;
  const slots = workers * slotsPerWorker;
  if (options.saveTrace !== undefined) await save(options.saveTrace, trace.values().map(traceLine));
  const simulated = simulate(trace, { slots, overheadSeconds, claimsPerSecond });
  const submitters = trace.map(({ submitter }) => submitter);
  const waits = measureWaits(simulated, submitters, slots);
  if (options.svg !== undefined) {
    const { stepSeconds, waiting, grading } = depthCurve(simulated, PLOT_STEPS);
    const title = `${trace.length} submissions, ${workers} × ${slotsPerWorker} slots`;
    const lines = [
      { name: 'jobs that wait', values: waiting },
      { name: 'jobs that are graded', values: grading },
    ];
    await save(options.svg, [renderSvg({ title, lines, stepSeconds })]);
  }
  const report = {
    ...{ submissions: trace.length, submitters: new Set(submitters).size, workers, slotsPerWorker, waits },
    curve: depthCurve(simulated, CHART_COLUMNS),
  };
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...report, overheadSeconds, claimsPerSecond })}\n`
      : renderReport(report),
  );
  return 0;
}

/** The submissions, in the order in which they come. */
async function findTrace(file: string | undefined, options: SimulateOptions): Promise<readonly Submission[]> {
  if (file !== undefined) return await readTrace(file);
  if (options.jobHistory !== undefined) return await readHistory(options.jobHistory, options.data);
  const { students, repeaters, repeats, window, deadlineShape, gradingSeconds, seed } = options;
  return makeTrace({
    ...{ students, repeats, seed, repeatersPercent: repeaters, windowSeconds: window },
    ...{ shape: deadlineShape, gradingTimes: gradingSeconds },
  });
}

async function readHistory(hours: number, data: string): Promise<readonly Submission[]> {
  const url = await findDatabase(loadEnvironment(), data);
  try {
    const applicationName = 'orca-simulate';
    await using db = await connectDatabase({ url, applicationName, statementMs: REPORT_STATEMENT_MS });
    const history = await listJobHistory(db, hours * HOUR_SECONDS);
    if (history.length > 0) return history;
  } catch (cause) {
    if (cause instanceof DatabaseError)
      throw new UserError(`Cannot read what was graded: ${cause.message}`, { cause });
    throw cause;
  }
  throw new UserError(
    `Cannot replay the last ${hours} hours: nothing that came in them was graded. Name more with --job-history`,
  );
}

async function save(path: string, lines: Iterable<string>): Promise<void> {
  try {
    await using file = await open(path, 'w');
    await pipeline(lines, file.createWriteStream());
  } catch (cause) {
    throw new UserError(`Cannot write "${path}": ${reasonOf(cause)}`, { cause });
  }
}
