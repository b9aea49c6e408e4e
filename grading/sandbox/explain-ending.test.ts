import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '@orca/protocol';
import type { CutOff } from './cut-off.ts';
import { explainSilence } from './explain-ending.ts';

const NOTHING = { cutOff: null, problem: undefined, state: null, complaint: '' } as const;

test('explainSilence() blames a death for want of memory on the submission', () => {
  const ending = explainSilence({ ...NOTHING, state: { exitCode: 137, isOomKilled: true } }, DEFAULT_LIMITS);
  assert.deepEqual(ending, { kind: 'limit', sentence: 'killed: used more than 1024 MiB of memory' });
});

test('explainSilence() takes every other death for ours', () => {
  for (const exitCode of [0, 1, 125, 126, 127, 128, 137]) {
    const ending = explainSilence({ ...NOTHING, state: { exitCode, isOomKilled: false } }, DEFAULT_LIMITS);
    assert.equal(ending.kind, 'failed', String(exitCode));
  }
  assert.equal(explainSilence(NOTHING, DEFAULT_LIMITS).kind, 'failed');
});

test('explainSilence() tells why we cut it off, whatever the container died of then', () => {
  const state = { exitCode: 137, isOomKilled: true };
  const kinds = {
    stopped: 'stopped',
    deadline: 'limit',
    silent: 'failed',
    broken: 'failed',
  } satisfies Record<CutOff, string>;
  for (const cutOff of ['stopped', 'deadline', 'silent', 'broken'] as const) {
    assert.equal(explainSilence({ ...NOTHING, state, cutOff }, DEFAULT_LIMITS).kind, kinds[cutOff]);
  }
});

test('explainSilence() keeps what the harness complained of, for engineers', () => {
  const ending = explainSilence({ ...NOTHING, complaint: 'TypeError' }, DEFAULT_LIMITS);
  assert.ok(
    ending.kind === 'failed' && ending.cause instanceof Error && ending.cause.message === 'TypeError',
  );
});
