import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS, flattenScript } from '@orca/protocol';
import { planJob } from './plan-job.ts';
import type { SandboxJob } from './sandbox.ts';

const JOB: SandboxJob = {
  steps: [],
  imageId: 'image',
  limits: DEFAULT_LIMITS,
  network: 'none',
  files: [],
};

test("planJob() gives commands the image's environment and what every script may count on", () => {
  const { env } = planJob(JOB, [
    'PATH=/opt/java/bin:/bin',
    'LANG=de_DE.UTF-8',
    'A=b=c',
    'HOME=/root',
    'BUILD=x',
    'odd',
    '=odd',
  ]);
  assert.deepEqual(env, {
    PATH: '/opt/java/bin:/bin',
    LANG: 'de_DE.UTF-8',
    A: 'b=c',
    HOME: '/work/home',
    USER: 'orca-grader',
    DOWNLOADED: '/work/downloaded',
    EXTRACTED: '/work/extracted',
    BUILD: '/work/build',
  });
});

test('planJob() gives an image without environment a PATH and a LANG', () => {
  const { env } = planJob(JOB, []);
  assert.match(env['PATH'] ?? '', /(^|:)\/usr\/bin(:|$)/);
  assert.equal(env['LANG'], 'C.UTF-8');
});

test('planJob() replaces variables in commands, folders and conditions', () => {
  const steps = flattenScript([
    { condition: { predicate: 'dir', path: '$EXTRACTED/x' }, on_true: 'next', on_false: 'next' },
    { cmd: `ls \${BUILD}/$BUILDER`, working_dir: '$BUILD/sub', on_complete: 'next' },
    { cmd: ['ls', '$DOWNLOADED'] },
  ]);
  const [condition, text, list] = planJob({ ...JOB, steps }, []).steps;
  assert.ok(condition?.kind === 'condition' && condition.operand === '/work/extracted/x');
  assert.ok(text?.kind === 'shell' && text.cmd === 'ls /work/build/$BUILDER');
  assert.equal(text.workingDir, '/work/build/sub');
  assert.ok(list?.kind === 'shell');
  assert.deepEqual(list.cmd, ['ls', '/work/downloaded']);
});

test('planJob() tells the harness nothing of where files come from', () => {
  const file = {
    name: 'f',
    fileName: 'f',
    path: '/secret/path',
    bytes: 1,
    format: 'copy',
    replacePaths: false,
  } as const;
  assert.equal(JSON.stringify(planJob({ ...JOB, files: [file] }, [])).includes('secret'), false);
});
