import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { baseImageSha } from '@orca/protocol';
import { REPOSITORY } from '../repository.ts';
import { readExpected } from './expected-result.ts';
import { listExamples } from './list-examples.ts';
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

test('listExamples() leaves out folders that the demo cannot run', () => {
  const names = listExamples(REPOSITORY.examples);
  assert.ok(names.includes('python-unittest'));
  assert.ok(!names.includes('trustworthy'));
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

test('loadExamples() reads the Dockerfile that image.json names: that of a language is in worker/images/', async () => {
  const examples = await loadExamples(REPOSITORY.examples, ['java-junit', 'python-pytest', 'c-make']);
  for (const { name, imageSha } of examples) {
    const [language] = name.split('-');
    const path = join(REPOSITORY.workerFolder, 'images', `${language}-grader.Dockerfile`);
    const dockerfile = await readFile(path, 'utf8');
    assert.equal(imageSha, createHash('sha256').update(dockerfile).digest('hex'), name);
    assert.match(dockerfile, /^FROM orca-grader-base\n[\s\S]*\nUSER orca-grader\n$/m, name);
  }
});

test('the Java example has the shape that the existing client sends', async () => {
  const [example] = await loadExamples(REPOSITORY.examples, ['java-junit']);
  assert.ok(example);
  const [planned] = planSubmissions(example, CLIENT);
  const files = Object.values(planned?.job.files ?? {});
  assert.deepEqual(
    files.map((file) => file.mime_type),
    Array(7).fill('application/zip'),
  );
  assert.equal(files.filter((file) => file.url.endsWith('.jar')).length, 4);
  const script = planned?.job.script ?? [];
  assert.ok(commandsByLabel(script).size >= 16);
  const text = JSON.stringify(script);
  for (const part of ['"path":"$EXTRACTED/starter/src"', '"@compile-list.txt"', '"-timeout"'])
    assert.ok(text.includes(part), part);
});

test('loadExamples() refuses a name that is no example, naming those that are', async () => {
  await assert.rejects(loadExamples(REPOSITORY.examples, ['cobol']), {
    status: 2,
    message: /Cannot find the example "cobol": there are .*python-unittest/,
  });
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
