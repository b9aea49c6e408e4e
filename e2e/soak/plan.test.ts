import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULT_NAMES, FAULTS_A_ROUND, planFaults } from './plan-faults.ts';
import { imageCount, planJobs, TREATMENTS } from './plan-jobs.ts';

const JOBS = 2_000;

test('planFaults() gives the same faults for the same seed, others for another', () => {
  const first = (seed: number) => planFaults(seed).take(1_000).toArray();
  assert.deepEqual(first(7), first(7));
  assert.notDeepEqual(first(7), first(8));
});

test('planFaults() has every kind of fault in each round', () => {
  const faults = planFaults(7)
    .take(3 * FAULTS_A_ROUND)
    .toArray();
  for (let round = 0; round < 3; round += 1) {
    const names = new Set(
      faults.slice(round * FAULTS_A_ROUND, (round + 1) * FAULTS_A_ROUND).map(({ name }) => name),
    );
    assert.deepEqual([...names].sort(), [...FAULT_NAMES].sort());
  }
});

test('planJobs() gives the same jobs for the same seed, each with a key of its own, of every treatment', () => {
  const jobs = planJobs(7, JOBS);
  assert.deepEqual(jobs, planJobs(7, JOBS));
  assert.notDeepEqual(jobs, planJobs(8, JOBS));
  assert.equal(new Set(jobs.map(({ key }) => key)).size, JOBS);
  assert.deepEqual([...new Set(jobs.map(({ treatment }) => treatment))].sort(), [...TREATMENTS].sort());
});

test('planJobs() has jobs for each image that is built', () => {
  const images = new Set(planJobs(7, JOBS).flatMap(({ image }) => image ?? []));
  assert.deepEqual(
    [...images].sort(),
    Array.from({ length: imageCount(JOBS) }, (_, index) => index),
  );
});
