import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxEvent, StepReport } from '@orca/grading';
import { flattenScript } from '@orca/protocol';
import { createLiveView } from './live-view.ts';

/** What is shown of a run. */
function show(events: readonly SandboxEvent[]): string {
  const steps = flattenScript([{ cmd: 'make\nall' }, { cmd: ['run', 'x'.repeat(100)] }]);
  let shown = '';
  const output = { columns: 40, write: (text: string) => (shown += text) };
  const view = createLiveView(steps, output, (_style, text) => text);
  for (const event of events) view(event);
  return shown;
}

const printed = (text: string | Buffer, stream: 'stdout' | 'stderr' = 'stdout'): SandboxEvent => ({
  kind: 'step_output',
  step: 0,
  stream,
  bytes: Buffer.from(text),
});

const ended = (changes: Partial<StepReport>): SandboxEvent => ({
  kind: 'step_finished',
  folders: { downloaded: '/work/downloaded', extracted: '/work/extracted', build: '/work/build' },
  report: {
    ...{ step: 0, cmd: 'make', stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), outputBytes: 0, status: 0 },
    ...{
      timedOut: false,
      limit: null,
      usage: { wallMs: 1_234, cpuMs: 0, memoryPeakBytes: 0 },
      finished: true,
    },
    ...changes,
  },
});

test('createLiveView() shows commands, output by lines, and endings', () => {
  const shown = show([
    { kind: 'step_started', step: 0 },
    printed('one\ntw'),
    printed('o\n'),
    printed('a warning', 'stderr'),
    printed('three'),
    ended({}),
    { kind: 'step_started', step: 1 },
    ended({ status: 2 }),
  ]);
  assert.equal(
    shown,
    [
      '▶ 1  make ↵ all',
      '│ one',
      '│ two',
      '│ a warning',
      '│ three',
      '✓ done after 1.23 s',
      `▶ 2  run ${'x'.repeat(30)}…`,
      '✗ status 2, after 1.23 s',
      '',
    ].join('\n'),
  );
});

test('createLiveView() names the limit that was hit', () => {
  const limit = { kind: 'time', sentence: 'killed: ran longer than 1 s' } as const;
  assert.match(
    show([ended({ status: null, timedOut: true, limit })]),
    /^✗ killed: ran longer than 1 s, after/,
  );
  const cut = { kind: 'output', sentence: 'printed too much' } as const;
  assert.match(show([ended({ limit: cut })]), /^✓ done after 1\.23 s, printed too much/);
});

test('createLiveView() joins characters that come in pieces, and shows what would move the cursor', () => {
  const [first = 0, ...rest] = Buffer.from('é');
  const shown = show([
    { kind: 'step_started', step: 0 },
    printed(Buffer.from([first])),
    printed(Buffer.from(rest)),
    printed('\u001b[2J\ttab\r\nnext'),
    ended({}),
  ]);
  assert.match(shown, /│ é\\u\{1b\}\[2J\ttab\n│ next\n✓/);
});
