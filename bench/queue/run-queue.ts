import type { QueueFigures } from './figures.ts';
import { measureEnqueue } from './measure-enqueue.ts';
import { measureRuns } from './measure-runs.ts';
import type { Scale } from './scale.ts';

/** What the comparison stands on. */
export type QueueBench = {
  scale: Scale;
  /** Of a PostgreSQL server; databases are made there and not removed. */
  serverUrl: string;
  /** For what the API server writes. */
  folder: string;
  /** Told what is going on. */
  say: (line: string) => void;
};

/** Measures all queues side by side: in each round each of them, so that what disturbs the machine disturbs all. */
export async function benchQueue(bench: QueueBench): Promise<QueueFigures> {
  const enqueued = await measureEnqueue(bench);
  const { series, claims } = await measureRuns(bench);
  return { scale: bench.scale.name, series: [...enqueued, ...series], claims };
}
