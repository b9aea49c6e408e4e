import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { test } from 'node:test';
import { findImage, listBuilds, readBuildLog } from '@orca/database';
import { engineInfo } from '@orca/docker';
import { openTestBuilder, TEST_PROCESSES_MAX } from '../testing/build-images.ts';

/** Says how many processes it could start, and fails. */
const FORKS = [
  'import os, sys, time',
  'started = 0',
  'try:',
  '    while started < 5000:',
  '        if os.fork() == 0:',
  '            time.sleep(600)',
  '        started += 1',
  'except OSError as error:',
  '    print("started", started, error)',
  'sys.exit(3)',
].join('\\n');

test('a RUN starts no more processes than its builder may, where the engine makes control groups itself', async (t) => {
  await using box = await openTestBuilder();
  const { cgroupDriver } = await engineInfo(box.engine);
  if (cgroupDriver !== 'cgroupfs') return t.skip(`the control groups here are those of ${cgroupDriver}`);
  assert.equal(box.group.isLimited, true);
  const sha = await box.build(`FROM orca-grader-base\nRUN printf '${FORKS}' > /f.py && python3 /f.py\n`);
  assert.match((await findImage(box.db, sha))?.failure ?? '', /non-zero code: 3/);
  const [build] = await listBuilds(box.db, sha, 1);
  const log = await readBuildLog(box.db, { buildId: build?.buildId ?? 0, after: 0 });
  const printed = log.map(({ output }) => output).join('');
  const [, started] = /started (\d+) .*Resource temporarily unavailable/.exec(printed) ?? [];
  assert.ok(Number(started) > 0 && Number(started) < TEST_PROCESSES_MAX, printed);
});

test('a builder takes its control group away when it ends', async (t) => {
  const box = await openTestBuilder();
  const { isLimited, parent } = box.group;
  const sha = await box.build('FROM orca-grader-base\nRUN true\n');
  assert.equal((await findImage(box.db, sha))?.state, 'ready', box.log());
  await box[Symbol.asyncDispose]();
  if (!isLimited) return t.skip('it has none of its own here');
  for (const controller of ['pids', 'memory', ''])
    await assert.rejects(access(`/sys/fs/cgroup/${controller}${parent}`), { code: 'ENOENT' }, controller);
});
