import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloneDatabase } from '../testing/index.ts';
import { ask, claim } from '../testing/build-image.ts';
import { appendBuildLog, BUILD_LOG_BYTES_MAX, type LogPiece, readBuildLog } from './build-log.ts';

const PIECES_A_CALL = 10_000;

test('appendBuildLog() keeps a bounded number of pieces without any output', async () => {
  await using database = await cloneDatabase();
  const { db } = database;
  await ask(db, 'FROM orca-grader-base\nRUN true\n');
  const build = await claim(db);
  /** Stores twice as many as ever stay, and counts those that do. */
  const countKept = async (stepOf: (index: number) => string): Promise<number> => {
    const piece = (_: unknown, index: number): LogPiece => ({ step: stepOf(index), output: '' });
    const pieces = Array.from({ length: PIECES_A_CALL }, piece);
    for (let call = 0; call < 2; call += 1) await appendBuildLog(db, build, { step: 'x', pieces });
    let kept = 0;
    for (let after = 0; ; ) {
      const page = await readBuildLog(db, { buildId: build.buildId, after });
      if (page.length === 0) return kept;
      after = page.at(-1)?.piece ?? after;
      kept += page.length;
    }
  };
  const short = await countKept((index) => `Step ${index}/2 : x`);
  assert.ok(short > 1_000 && short < PIECES_A_CALL, `${short} pieces are kept`);
  const long = await countKept((index) => `Step ${index}/2 : ${'x'.repeat(1_000)}`);
  assert.ok(long > 500 && long * 1_000 <= BUILD_LOG_BYTES_MAX, `${long} pieces are kept`);
});
