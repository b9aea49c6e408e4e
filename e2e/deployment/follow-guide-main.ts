import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { removeImagesOf } from '../kit/images.ts';
import { waitFor } from '../kit/wait-for.ts';
import { GUIDE, MACHINES } from './machines.ts';
import { findMissing, type GuideBlock, readGuide } from './read-guide.ts';
import type { MachineName } from './start-machine.ts';
import { startWorld, type World } from './start-world.ts';

const MACHINE_NAMES = Object.keys(MACHINES);
const DOWN_AND_UP = 'Workers down and up';
const GRADE_MS = 300_000;

/** Follows the guide from its first block to its last, in namespaces that `become-world` has made. */
async function followGuide(base: string): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const world = opened.use(await startWorld(base));
  const databaseUrl = new URL(world.databaseUrl);
  databaseUrl.pathname = '/orca_production';
  opened.defer(() => removeImagesOf(databaseUrl.href));
  opened.defer(() => stopUnits(world));
  const blocks = readGuide(await readFile(GUIDE, 'utf8')).filter(({ skipped }) => skipped === null);
  for (const block of blocks) {
    await follow(block, world);
    if (block.section === DOWN_AND_UP) await watchWorkers(block, base);
  }
  await gradeOnceMore(blocks, world, base);
}

async function follow(block: GuideBlock, world: World): Promise<void> {
  await world.ensureProxy();
  for (const name of block.machines) {
    const began = performance.now();
    try {
      const output = await run(block, name, world);
      const missing = findMissing(block.expected, output);
      if (missing !== null) throw new Error(`it did not say "${missing}" but\n${output}`);
    } catch (cause) {
      const where = `DEPLOYMENT.md:${block.line} on ${name}`;
      throw new Error(`${where}: ${cause instanceof Error ? cause.message : cause}\n${block.text}`, {
        cause,
      });
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`DEPLOYMENT.md:${block.line} on ${name}: ${seconds} s`);
  }
}

async function run({ language, text }: GuideBlock, name: string, world: World): Promise<string> {
  if (language === 'sql') {
    await world.runSql(text);
    return '';
  }
  assert.ok(isMachine(name));
  return await world.machines[name].run(text);
}

function isMachine(name: string): name is MachineName {
  return MACHINE_NAMES.includes(name);
}

/** What the guide says of a worker that is taken down: it ends in order. */
async function watchWorkers({ text }: GuideBlock, base: string): Promise<void> {
  if (!text.includes('systemctl stop')) return;
  const log = await logOf('worker-1', base);
  assert.match(log, /"msg":"job finished"/, 'both workers had work before one was taken down');
  assert.match(log, /"msg":"stopped"\}\n$/, 'it stopped in order');
}

/** After the upgrade: both workers grade, also the one that was down. */
async function gradeOnceMore(blocks: readonly GuideBlock[], world: World, base: string): Promise<void> {
  const send = blocks.find(({ section, machines }) => section === DOWN_AND_UP && machines[0] === 'course');
  assert.ok(send !== undefined, 'the guide sends jobs');
  const before = await countFinished(base);
  await follow(send, world);
  await waitFor(
    'both workers to grade after their upgrade',
    async () => {
      const now = await countFinished(base);
      return now.every((count, index) => count > (before[index] ?? 0));
    },
    GRADE_MS,
  );
}

async function countFinished(base: string): Promise<number[]> {
  const logs = await Promise.all([logOf('worker-1', base), logOf('worker-2', base)]);
  return logs.map((log) => log.split('"msg":"job finished"').length);
}

function logOf(machine: MachineName, base: string): Promise<string> {
  return readFile(join(base, machine, 'log/orca-worker.log'), 'utf8');
}

/** In order, so that no container, and no image of theirs, stays in the engine that others use. */
async function stopUnits({ machines }: World): Promise<void> {
  await Promise.all(
    [machines['worker-1'], machines['worker-2'], machines.orchestrator].map((machine) =>
      machine.run('stop-units'),
    ),
  );
}

const [base] = process.argv.slice(2);
assert.ok(base !== undefined);
await followGuide(base);
process.exit(0);
