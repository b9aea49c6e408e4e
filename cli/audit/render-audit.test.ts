import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSound, renderAudit } from './render-audit.ts';

test('renderAudit() says that all holds, or what does not, with the jobs it is about', () => {
  const sound = { violations: [], orphans: [], engine: null };
  assert.equal(isSound(sound), true);
  assert.equal(renderAudit(sound), 'All holds.\n');
  const broken = {
    violations: [{ invariant: 'each_job_has_a_place', sentence: 'It is held', jobId: 17 } as const],
    orphans: [{ container: 'orca-x', workerId: 'w' }],
    engine: null,
  };
  assert.equal(isSound(broken), false);
  assert.equal(
    renderAudit(broken),
    'each_job_has_a_place  job 17: It is held\n' +
      'no_container_outlives_its_run  orca-x: its worker (w) is dead, or the run has ended\n' +
      '2 things do not hold.\n',
  );
});

test('renderAudit() tells that containers were not looked at, which is no fault of the queue', () => {
  const report = { violations: [], orphans: null, engine: 'nobody is there' };
  assert.equal(isSound(report), true);
  assert.equal(renderAudit(report), 'Containers were not looked at: nobody is there\nAll holds.\n');
});
