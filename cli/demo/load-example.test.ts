import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { baseImageSha } from '@orca/protocol';
import { REPOSITORY } from '../repository.ts';
import { readExpected } from './expected-result.ts';
import { commandsByLabel, loadExamples } from './load-example.ts';
import { planSubmissions } from './plan-submissions.ts';

const CLIENT = {
  responseUrl: 'http://127.0.0.1:1/results',
  filesUrl: (example: string) => `http://127.0.0.1:1/files/${example}`,
};

test('every example of this checkout is whole: jobs that pass the check, submissions and labels that exist', async () => {
  const examples = await loadExamples(REPOSITORY.examples, []);
  assert.ok(examples.length > 0);
  for (const example of examples) {
    const submissions = await readdir(join(example.folder, 'submissions'));
    assert.deepEqual([...example.expected.keys()].sort(), submissions.sort(), example.name);
    for (const { job, expected, submission } of planSubmissions(example, CLIENT)) {
      const labels = commandsByLabel(job.script);
      for (const { label } of expected.commands)
        assert.ok(labels.has(label), `${example.name}, ${submission}: ${label}`);
      assert.ok(job.key.includes(submission), 'each submission has a key of its own');
    }
  }
});

test('the Python example runs on the base image and uses what a script can do', async () => {
  const [example] = await loadExamples(REPOSITORY.examples, ['python-unittest']);
  assert.ok(example);
  assert.equal(example.imageSha, baseImageSha());
  const [planned] = planSubmissions(example, CLIENT);
  const script = JSON.stringify(planned?.job.script);
  for (const part of ['"condition"', '"label"', '"on_false":[{', '$BUILD'])
    assert.ok(script.includes(part), part);
});

test('loadExamples() refuses a name that is no example, naming those that are', async () => {
  await assert.rejects(
    loadExamples(REPOSITORY.examples, ['cobol']),
    /Cannot find the example "cobol": there are .*python-unittest/,
  );
});

for (const [what, json, says] of [
  ['is no object', null, /no JSON object/],
  ['has no outcome', { a: { commands: [] } }, /its outcome is not one of graded, failed, cancelled/],
  [
    'has a command without a label',
    { a: { outcome: 'graded', commands: [{ status: 0 }] } },
    /label and a status/,
  ],
  [
    'has a command without a status',
    { a: { outcome: 'graded', commands: [{ label: 'x' }] } },
    /label and a status/,
  ],
  ['has half a score', { a: { outcome: 'graded', score: { earned: 1 } } }, /"earned" and "available"/],
] as const)
  test(`readExpected() refuses an expected.json that ${what}`, () => {
    assert.throws(() => readExpected(json, 'expected.json'), says);
  });
