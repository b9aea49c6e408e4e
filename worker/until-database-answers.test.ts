import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '@orca/daemon';
import { DatabaseError } from '@orca/database';
import { repeat } from './repeat.ts';
import { untilDatabaseAnswers } from './until-database-answers.ts';

const NEVER = new AbortController().signal;
const log = createLogger({ name: 'test', level: 'silent', pretty: false });

/** Fails as told, one by one, then answers. */
function failing(...codes: ConstructorParameters<typeof DatabaseError>[0][]): () => Promise<string> {
  return async () => {
    const code = codes.shift();
    if (code !== undefined) throw new DatabaseError(code, 'Cannot run "x": a test');
    return 'stored';
  };
}

test('untilDatabaseAnswers() tries again while the database is away, or an outcome is unknown', async () => {
  const act = failing('database_unreachable', 'outcome_unknown');
  assert.equal(await untilDatabaseAnswers(act, { log }, NEVER), 'stored');
});

test('untilDatabaseAnswers() does not repeat what is wrong', async () => {
  await assert.rejects(untilDatabaseAnswers(failing('query_failed'), { log }, NEVER), DatabaseError);
});

test('untilDatabaseAnswers() gives up when its signal aborts', async () => {
  const stop = new AbortController();
  const act = async (): Promise<string> => {
    stop.abort();
    throw new DatabaseError('database_unreachable', 'Cannot run "x": a test');
  };
  assert.equal(await untilDatabaseAnswers(act, { log }, stop.signal), null);
});

test('repeat() goes on after failures, says each beginning once, and ends with its signal', async () => {
  const lines: string[] = [];
  const writer = createLogger(
    { name: 'test', level: 'info', pretty: false },
    { write: (line) => lines.push(line) },
  );
  const stop = new AbortController();
  let turns = 0;
  const act = async (): Promise<void> => {
    turns += 1;
    if (turns === 6) stop.abort();
    if (turns < 4) throw new Error('not yet');
  };
  await repeat('chore', act, { everyMs: 1, log: writer }, stop.signal);
  assert.equal(turns, 6);
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).level),
    ['warn', 'info'],
  );
});
