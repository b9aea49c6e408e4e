import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBuildLog } from './build-log.ts';

const read = (...messages: string[]): unknown[] => {
  const next = openBuildLog();
  return messages.map(next);
};

test('openBuildLog() takes a step for one message, its end of line in it or behind it', () => {
  const step = { kind: 'step', text: 'Step 2/10 : RUN a' };
  assert.deepEqual(read('Step 2/10 : RUN a', '\n', '\n'), [step, null, { kind: 'output', text: '\n' }]);
  assert.deepEqual(read('Step 2/10 : RUN a\n', 'b\n'), [step, { kind: 'output', text: 'b\n' }]);
});

test('openBuildLog() tells containers and layers by their ids', () => {
  assert.deepEqual(read(' ---> Running in 0123456789ab\n', ' ---> ba9876543210\n'), [
    { kind: 'container', id: '0123456789ab' },
    { kind: 'layer', id: 'ba9876543210' },
  ]);
});

test('openBuildLog() takes everything else for output, untouched', () => {
  const others = [
    'x\nStep 1/2 : y',
    'Step 1/2 : y\nz',
    ' Step 1/2 : y',
    'Step 1/ : y',
    ' ---> Using cache\n',
    ' ---> 0123456789\n',
    ' ---> 0123456789ab\n ---> 0123456789ab\n',
    'x ---> 0123456789ab\n',
    '\n',
    '\u001b[91merr\n\u001b[0m',
  ];
  assert.deepEqual(
    read(...others),
    others.map((text) => ({ kind: 'output', text })),
  );
  assert.deepEqual(read(''), [null]);
});
