import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { loadEnvironment } from '@orca/daemon';
import { connectEngine, inspectImage } from '@orca/docker';
import { createDockerSandbox, gradeAtHome, type Sandbox } from '@orca/grading';
import type { GradingResult } from '@orca/protocol';
import { REPOSITORY } from '../repository.ts';
import { BASE_IMAGE } from '../set-up/ensure-base-image.ts';
import { fillJob } from './fill-job.ts';
import { makeTemporaryFolder } from './temporary-folder.ts';

const EXAMPLES = join(REPOSITORY.examples, 'trustworthy');
/** Submissions that attack nothing have no grader of their own. */
const HARMLESS = ['honest', 'wrong'];
/** What is no submission. */
const GRADERS = 'graders';
const OWN_SUBMISSION = /"file:[^"]*solution\.py"/;
const CONCURRENCY = 2;

type Scores = Readonly<Record<string, string>>;

/** Where the kernel keeps processes of one user apart, their memory cannot be read in the first place. */
async function isMemoryPrivate(): Promise<boolean> {
  const scope = await readFile('/proc/sys/kernel/yama/ptrace_scope', 'utf8').catch(() => '0');
  return Number(scope) > 0;
}

describe('examples/trustworthy', { concurrency: CONCURRENCY }, async () => {
  const expected: Record<string, Scores> = JSON.parse(
    await readFile(join(EXAMPLES, 'expected.json'), 'utf8'),
  );
  const tricks = Object.keys(expected).filter((name) => !HARMLESS.includes(name));
  const engine = await connectEngine(loadEnvironment()['DOCKER_HOST']);
  let sandbox: Sandbox;
  before(async () => {
    sandbox = await createDockerSandbox({ engine, installationId: `test-${randomUUID()}`, workerId: 'test' });
  });
  after(() => sandbox[Symbol.asyncDispose]());

  /** The score that a job file gives a submission in place of its own: `earned/available`, or that there is none. */
  async function grade(grader: string, submission: string): Promise<string> {
    const path = join(EXAMPLES, `${grader}.json`);
    const text = await readFile(path, 'utf8');
    assert.match(text, OWN_SUBMISSION);
    const url = pathToFileURL(join(EXAMPLES, submission, 'solution.py')).href;
    const written: unknown = JSON.parse(text.replace(OWN_SUBMISSION, JSON.stringify(url)));
    const filled = fillJob(written, pathToFileURL(path).href);
    if (filled.kind === 'invalid') assert.fail(filled.errors.join('; '));
    const image = await inspectImage(engine, BASE_IMAGE);
    assert.ok(image, `the engine has no ${BASE_IMAGE}; ./orca test makes it`);
    await using temporary = await makeTemporaryFolder();
    const graded = await gradeAtHome(
      { key: filled.job.key, config: filled.job, gradingId: 'test', queuedMs: 0 },
      {
        ...{ sandbox, imageId: image.id, allowNetwork: false, onEvent: () => undefined },
        jobsFolder: join(temporary.path, 'jobs'),
      },
      new AbortController().signal,
    );
    if (graded.kind !== 'result') assert.fail(JSON.stringify(graded));
    const result: GradingResult = JSON.parse(graded.body);
    assert.deepEqual(result.errors, []);
    if (result.output === undefined) return 'no report';
    return `${result.score?.earned}/${result.score?.available}`;
  }

  test('expected.json names every submission', async () => {
    const folders = (await readdir(EXAMPLES, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const names = folders.map(({ name }) => name).filter((name) => name !== GRADERS);
    assert.deepEqual(names.sort(), [...HARMLESS, ...tricks].sort());
  });

  for (const [submission, scores] of Object.entries(expected))
    for (const [grader, score] of Object.entries(scores))
      test(`${submission}: the ${grader} grader says ${score}`, async () => {
        const path = grader === 'naive' ? `${submission}/naive` : grader;
        const isHidden = submission === 'reading-memory' && grader === 'naive' && (await isMemoryPrivate());
        assert.equal(await grade(path, submission), isHidden ? '0/3' : score);
      });

  for (const trick of tricks)
    test(`honest: the naive grader that falls for ${trick} gives full marks`, async () => {
      const [earned, available] = (await grade(`${trick}/naive`, 'honest')).split('/');
      assert.ok(Number(earned) > 0);
      assert.equal(earned, available);
    });
});
