import { makeDatabase, settleDatabase } from '@orca/database/testing';
import type { Drainer, Place } from './contender.ts';
import { type ClaimTimes, perSecond, rotated, type Series, spreadOf } from './figures.ts';
import { openGraphile } from './graphile-worker.ts';
import { openOrca } from './orca.ts';
import { openPgBoss } from './pg-boss.ts';
import type { QueueBench } from './run-queue.ts';
import type { Scale } from './scale.ts';

/** graphile-worker takes some more jobs before it hears that it is to stop. */
const SPARE_JOBS = 100;

/** All queues with as many jobs waiting. */
type Size = { waiting: number; lines: Line[]; claimMedians: number[]; series: Map<string, number[]> };

/** One queue's jobs. Opened for each round anew: all of them together would need more connections than the server has. */
type Line = {
  url: string;
  open: (url: string) => Promise<Place>;
  timesClaims: boolean;
  inLine: number;
  nextNumber: number;
};

/** So often the sizes take turns in a round's claims. */
const CLAIM_TURNS = 10;

const QUEUES = { orca: openOrca, pgboss: openPgBoss, graphile: openGraphile };

/** Measures how fast jobs are taken and finished while others wait, and what a claim costs by itself. */
export async function measureRuns(bench: QueueBench): Promise<{ series: Series[]; claims: ClaimTimes[] }> {
  const { scale, say } = bench;
  const sizes: Size[] = [];
  for (const waiting of scale.waiting) sizes.push(await fillSize(bench, waiting));
  for (let round = 0; round < scale.rounds; round += 1) {
    say(`claims by themselves: round ${round + 1} of ${scale.rounds}`);
    await measureClaims(sizes, round, scale);
    for (const size of sizes) {
      say(`claim and finish with ${size.waiting} waiting: round ${round + 1} of ${scale.rounds}`);
      await measureRound(size, round, scale);
    }
  }
  return {
    series: sizes.flatMap(({ waiting, series }) =>
      [...series].map(([name, rates]): Series => ({ work: { kind: 'run', waiting }, name, rates })),
    ),
    claims: sizes.map(({ waiting, claimMedians: medians }) => ({ waiting, medians })),
  };
}

async function fillSize(bench: QueueBench, waiting: number): Promise<Size> {
  const lines: Line[] = [];
  for (const [queue, open] of Object.entries(QUEUES)) {
    const name = `bench_${waiting}_${queue}`;
    bench.say(`filling ${name}`);
    const url = await makeDatabase(bench.serverUrl, name);
    await using place = await open(url);
    const line = { url, open, timesClaims: place.timeClaims !== null, inLine: 0, nextNumber: 1 };
    await lengthen(line, place, waiting, bench.scale);
    await settleDatabase(url);
    lines.push(line);
  }
  return { waiting, lines, claimMedians: [], series: new Map() };
}

/** All sizes in turns, a few claims each: what disturbs the machine disturbs all. */
async function measureClaims(sizes: readonly Size[], round: number, scale: Scale): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const lines: { line: Line; size: Size; place: Place; times: number[] }[] = [];
  for (const size of sizes)
    for (const line of size.lines.filter(({ timesClaims }) => timesClaims)) {
      const place = opened.use(await line.open(line.url));
      lines.push({ line, size, place, times: [] });
    }
  const count = Math.ceil(scale.claims / CLAIM_TURNS);
  for (let turn = 0; turn < CLAIM_TURNS; turn += 1)
    for (const { line, place, times } of rotated(lines, round + turn)) {
      times.push(...((await place.timeClaims?.(count)) ?? []));
      line.inLine -= count;
    }
  for (const { size, times } of lines) size.claimMedians.push(spreadOf(times).median);
}

/** Each queue, another one first in each round. */
async function measureRound(size: Size, round: number, scale: Scale): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const drainers: { drainer: Drainer; line: Line }[] = [];
  for (const line of size.lines) {
    const place = opened.use(await line.open(line.url));
    await lengthen(line, place, size.waiting, scale);
    drainers.push(...place.drainers.map((drainer) => ({ drainer, line })));
  }
  for (const { drainer } of drainers) if (!size.series.has(drainer.name)) size.series.set(drainer.name, []);
  for (const { drainer, line } of rotated(drainers, round)) {
    const { warmUp, taken: timed } = scale;
    const rate = perSecond(timed, await drainer.drain({ warmUp, timed }));
    size.series.get(drainer.name)?.push(rate);
    line.inLine -= warmUp + timed + SPARE_JOBS;
  }
}

/** Puts jobs in line until enough wait at the end of a round, too. */
async function lengthen(line: Line, place: Place, waiting: number, scale: Scale): Promise<void> {
  const taken =
    place.drainers.length * (scale.warmUp + scale.taken + SPARE_JOBS) + scale.claims + CLAIM_TURNS;
  const count = waiting + taken - line.inLine;
  if (count <= 0) return;
  await place.fill({ first: line.nextNumber, count });
  line.nextNumber += count;
  line.inLine += count;
}
