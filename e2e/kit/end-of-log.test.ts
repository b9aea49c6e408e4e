import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { createLogger } from '@orca/daemon';
import { endOfLog, LOG_LINES_MAX } from './end-of-log.ts';

const frames = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => `    at step${n} (file:///a.ts:${n}:1)`);

test('endOfLog() keeps the last hundred lines, and says how many came before', () => {
  const lines = Array.from({ length: LOG_LINES_MAX + 7 }, (_, n) => `line ${n}`);
  const shown = endOfLog(`${lines.join('\n')}\n`).split('\n');
  assert.deepEqual(shown, ['[7 lines before]', ...lines.slice(7)]);
  assert.equal(endOfLog('one\ntwo\n'), 'one\ntwo');
  assert.equal(endOfLog(''), '');
});

test('endOfLog() shortens stack traces, also those of causes, written out or in a line of JSON', () => {
  const trace = ['Error: outer', ...frames(9), 'caused by: Error: inner', ...frames(5), 'after'];
  assert.equal(
    endOfLog(trace.join('\n')),
    ['Error: outer', ...frames(2), 'caused by: Error: inner', ...frames(2), 'after'].join('\n'),
  );
  const line = JSON.stringify({ err: { stack: trace.join('\n') }, msg: 'it failed' });
  const err = JSON.parse(endOfLog(line)).err;
  assert.equal(err.stack, endOfLog(trace.join('\n')));
});

test('endOfLog() cuts the middle of a long line, so that its message is seen', () => {
  const shown = endOfLog(JSON.stringify({ level: 'warn', body: 'x'.repeat(50_000), msg: 'the message' }));
  assert.match(shown, /^\{"level":"warn".*\[\d+ characters\].*"msg":"the message"\}$/);
  assert.ok(shown.length < 1_000);
});

test('endOfLog() of what the logger writes is whole in the failure that a test reports', () => {
  const written: string[] = [];
  const log = createLogger(
    { name: 'test', level: 'info', pretty: false },
    { write: (line) => written.push(line) },
  );
  for (let line = 0; line < 500; line += 1)
    log.warn({ err: new Error(`number ${line}`, { cause: new Error('why') }) }, 'it failed');
  const shown = inspect(new Error(`It ended:\n${endOfLog(written.join(''))}`));
  for (let line = 400; line < 500; line += 1) assert.ok(shown.includes(`number ${line}`), `line ${line}`);
});
