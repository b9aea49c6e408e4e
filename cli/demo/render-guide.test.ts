import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { renderGuide, shellQuote } from './render-guide.ts';

for (const text of ['/srv/orca/job.json', '@/a b/job.json', "it's", '$HOME `x` "y" \\', '', '*'])
  test(`shellQuote() brings ${JSON.stringify(text)} through a shell`, () => {
    const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellQuote(text)}`], { encoding: 'utf8' });
    assert.equal(stdout, text);
  });

test('renderGuide() gives complete lines for sending, asking and looking', () => {
  const guide = renderGuide({
    orcaUrl: 'http://127.0.0.1:4000',
    jobPath: '/my data/job.json',
    responseUrl: 'http://127.0.0.1:5000/results',
  });
  const commands = guide.split('\n').filter((line) => line.includes('curl '));
  assert.deepEqual(
    commands.map((line) => line.trim()),
    [
      "curl -X PUT http://127.0.0.1:4000/api/v1/grading_queue -H 'content-type: application/json' --data-binary '@/my data/job.json'",
      'curl http://127.0.0.1:4000/api/v1/grading_queue/1/status',
      'curl http://127.0.0.1:5000/results',
    ],
  );
});
