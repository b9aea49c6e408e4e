import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillTemplate } from './fill-template.ts';

test('fillTemplate() fills in every text, however deep, and leaves all else as it is', () => {
  const template = { a: ['{{x}}/{{x}}', 1, null, { '{{x}}': 'pre {{y}}' }], b: true };
  const values = new Map([
    ['x', 'X'],
    ['y', '$& {{x}}'],
  ]);
  assert.deepEqual(fillTemplate(template, values), {
    a: ['X/X', 1, null, { '{{x}}': 'pre $& {{x}}' }],
    b: true,
  });
});

test('fillTemplate() refuses a name without a value, naming those that there are', () => {
  assert.throws(
    () => fillTemplate('{{file}}', new Map([['files', '']])),
    /Cannot fill in "\{\{file\}\}": known are files/,
  );
});
