import { parseArgs } from 'node:util';
import { problemsOf } from './problems-of.ts';
import { renderReport } from './render-report.ts';
import { runSoak } from './run-soak.ts';

/** What `orca test --soak` calls: `--jobs N --seed S`. The exit status is 1 when something does not hold. */
async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { jobs: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' } },
  });
  const enough = new AbortController();
  const calledOff = new AbortController();
  const options = { jobs: Number(values.jobs), seed: Number(values.seed) };
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const onSignal = (): void => {
    if (enough.signal.aborted) calledOff.abort(new Error('The soak was called off'));
    else say('Enough: no more jobs are sent, and those that were are looked at; a second signal ends all');
    enough.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    const report = await runSoak(options, { say, enough: enough.signal }, calledOff.signal);
    process.stdout.write(renderReport(report));
    if (problemsOf(report).length === 0) return 0;
    say(`The logs are in ${await report.keepLogs()}`);
    return 1;
  } catch (error) {
    if (!calledOff.signal.aborted) throw error;
    say(String(error));
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
