import { endOfLog } from './end-of-log.ts';
import type { OrcaProcess } from './start-process.ts';
import { startOrca, type TestOrca } from './start-orca.ts';

/** A metric of Orca's own, as a process tells of it. */
export interface ScrapedMetric {
  readonly name: string;
  readonly kind: string;
  readonly help: string;
}

/** The processes that serve metrics. */
export interface MeasuredOrca extends AsyncDisposable {
  readonly orca: TestOrca;
  readonly processes: Readonly<Record<'server' | 'worker' | 'image builder', OrcaProcess>>;
}

/** A whole Orca, each process of which serves its metrics. */
export async function startMeasuredOrca(): Promise<MeasuredOrca> {
  await using opened = new AsyncDisposableStack();
  const orca = opened.use(await startOrca({ ORCA_METRICS_PORT: '0', ORCA_HEARTBEAT_SECONDS: '0.5' }));
  const worker = await orca.startWorker();
  const processes = { server: orca.server, worker, 'image builder': await orca.startImageBuilder() };
  const closing = opened.move();
  return { orca, processes, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}

/** Where a process serves its metrics, as its log says. */
export function metricsAddressOf(process: OrcaProcess): string {
  const address = /"metrics":"(http:[^"]+)"/.exec(process.log())?.[1];
  if (address === undefined)
    throw new Error(`Cannot find the metrics of a process in its log:\n${endOfLog(process.log())}`);
  return address;
}

/** What a process serves at `/metrics`. */
export async function scrape(process: OrcaProcess): Promise<string> {
  return await (await fetch(`${metricsAddressOf(process)}/metrics`)).text();
}

/** The metrics that begin with `orca_`, in the order of their names. */
export function metricsIn(text: string): ScrapedMetric[] {
  const kinds = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, kind]) => [name, kind]));
  return [...text.matchAll(/^# HELP (orca_\S+) (.*)$/gm)]
    .map(([, name = '', help = '']) => ({ name, help, kind: kinds.get(name) ?? '' }))
    .toSorted((one, other) => one.name.localeCompare(other.name));
}
