import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMetrics } from '@orca/daemon';
import { FACTS } from './testing/fake-grading.ts';
import { workerGauges, workerMetrics } from './worker-metrics.ts';

test('workerMetrics() counts runs by their end, their containers, and the phases and files of those with a result', async () => {
  const metrics = createMetrics();
  const counts = workerMetrics(metrics);
  counts.noteRun({ kind: 'result', outcome: 'graded', body: '{}', ...FACTS }, null);
  counts.noteRun({ kind: 'fault', sentence: 'a disk is full' }, null);
  counts.noteRun({ kind: 'not_now', sentence: 'no store' }, null);
  counts.noteRun({ kind: 'stopped' }, 'lost');
  counts.noteRun({ kind: 'stopped' }, 'shutdown');
  counts.noteImage({ kind: 'loaded', sha: 'x', downloadMs: 1, loadMs: 1 });
  counts.noteImage({ kind: 'download_started', sha: 'x', bytes: 1 });
  for (const startedAhead of [true, false, true]) counts.noteContainer(startedAhead);
  const text = await metrics.render();
  for (const end of ['graded', 'fault', 'not_now', 'lost', 'shutdown'])
    assert.match(text, new RegExp(`^orca_runs_total\\{end="${end}"\\} 1$`, 'm'));
  assert.match(text, /^orca_leases_lost_total 1$/m);
  assert.match(text, /^orca_job_phase_seconds_sum\{phase="commands"\} 0\.005$/m);
  assert.match(text, /^orca_job_phase_seconds_count\{phase="total"\} 1$/m);
  assert.match(text, /^orca_files_total\{source="client"\} 1$/m);
  assert.match(text, /^orca_containers_total\{started="ahead"\} 2$/m);
  assert.match(text, /^orca_containers_total\{started="for_job"\} 1$/m);
  assert.match(text, /^orca_image_downloads_total\{outcome="loaded"\} 1$/m);
});

test('workerMetrics() tells what alerts look at as 0 before it has happened', async () => {
  const metrics = createMetrics();
  workerMetrics(metrics);
  const text = await metrics.render();
  for (const end of ['fault', 'overdue', 'not_now'])
    assert.match(text, new RegExp(`^orca_runs_total\\{end="${end}"\\} 0$`, 'm'));
  assert.match(text, /^orca_leases_lost_total 0$/m);
});

test('workerGauges() reads slots and whether it can work when they are asked for', async () => {
  const metrics = createMetrics();
  const slots = { taken: 1 };
  const fitness = { troubles: ['the disk is full'] };
  workerGauges(metrics, { slots, slotsMax: 4, fitness });
  assert.match(await metrics.render(), /^orca_worker_able 0$/m);
  fitness.troubles.length = 0;
  slots.taken = 3;
  const text = await metrics.render();
  assert.match(text, /^orca_worker_able 1$/m);
  assert.match(text, /^orca_worker_slots\{state="busy"\} 3$/m);
  assert.match(text, /^orca_worker_slots\{state="free"\} 1$/m);
});
