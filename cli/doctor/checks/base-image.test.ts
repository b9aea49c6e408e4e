import assert from 'node:assert/strict';
import { test } from 'node:test';
import { baseImage } from '../testing/facts.ts';
import { judgeBaseImage, judgeSameBase } from './base-image.ts';
import { interfacesIn, judgeTrial } from './trial.ts';

test('judgeBaseImage() fails without one, and warns of one that was made of something else', () => {
  const missing = judgeBaseImage(null, 'x');
  assert.match(missing.kind === 'fail' ? missing.mend : '', /DEPLOYMENT\.md, step 3/);
  assert.equal(judgeBaseImage(baseImage({ 'orca.inputs': 'x' }), 'x').kind, 'ok');
  assert.equal(judgeBaseImage(baseImage({ 'orca.inputs': 'y' }), 'x').kind, 'warn');
  assert.equal(judgeBaseImage(baseImage({}), 'x').kind, 'ok');
});

test('judgeSameBase() warns when no grader image stands on the base image of this engine', () => {
  assert.equal(judgeSameBase({ ready: 0, onBase: 0 }).kind, 'skipped');
  assert.equal(judgeSameBase({ ready: 3, onBase: 1 }).kind, 'ok');
  assert.equal(judgeSameBase({ ready: 3, onBase: 0 }).kind, 'warn');
});

const NET = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
`;

function report(
  stdout: string,
  ending: Parameters<typeof judgeTrial>[0]['ending'],
): Parameters<typeof judgeTrial>[0] {
  const step = {
    step: 1,
    cmd: ['cat', '/proc/net/dev'],
    stdout: Buffer.from(stdout),
    stderr: Buffer.alloc(0),
    outputBytes: stdout.length,
    status: 0,
    timedOut: false,
    limit: null,
    usage: { wallMs: 1, cpuMs: 1, memoryPeakBytes: 1 },
    finished: true,
  };
  const folders = { downloaded: '/d', extracted: '/e', build: '/b' };
  return { steps: [step], ending, folders, timings: { containerMs: 400, unpackMs: 0, commandsMs: 5 } };
}

test('judgeTrial() fails for a container that does not run, or has a network', () => {
  assert.deepEqual(interfacesIn(NET), ['lo']);
  assert.equal(judgeTrial(report(NET, { kind: 'output', step: 1 })).kind, 'ok');
  const network = judgeTrial(report(`${NET}  eth0: 1 2\n`, { kind: 'output', step: 1 }));
  assert.match(network.kind === 'fail' ? network.now : '', /has one all the same: eth0/);
  const failed = judgeTrial(
    report('', { kind: 'failed', sentence: 'Cannot start', cause: new Error('no cgroup') }),
  );
  assert.match(failed.kind === 'fail' ? failed.now : '', /Cannot start: no cgroup/);
  assert.equal(judgeTrial(report('', { kind: 'abort' })).kind, 'fail');
});
