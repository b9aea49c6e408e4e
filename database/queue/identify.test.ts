import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeJob } from '../testing/make-job.ts';
import { canonicalJson, identifyJob } from './identify.ts';

test('identifyJob() takes a job with another priority or collation for the same content', () => {
  const job = identifyJob(makeJob());
  const other = identifyJob(makeJob({ delaySeconds: 60, user: 'bob' }));
  assert.deepEqual(other.content, job.content);
  assert.deepEqual(other.identity, job.identity);
  assert.notDeepEqual(other.submitter, job.submitter);
});

test('identifyJob() tells contents, keys and clients apart', () => {
  const job = identifyJob(makeJob());
  assert.notDeepEqual(identifyJob(makeJob({ content: 'second' })).content, job.content);
  assert.notDeepEqual(identifyJob(makeJob({ key: 'job-2' })).identity, job.identity);
  assert.notDeepEqual(identifyJob(makeJob({ client: 'other.example.edu' })).identity, job.identity);
  assert.notDeepEqual(identifyJob(makeJob({ client: 'other.example.edu' })).submitter, job.submitter);
});

test('identifyJob() does not mix up where one field ends and the next begins', () => {
  const a = identifyJob({ ...makeJob(), key: 'ab', responseUrl: 'c' });
  const b = identifyJob({ ...makeJob(), key: 'a', responseUrl: 'bc' });
  assert.notDeepEqual(a.identity, b.identity);
});

test('identifyJob() does not mind the order of fields', () => {
  const job = makeJob();
  const reversed = { ...job, config: Object.fromEntries(Object.entries(job.config).reverse()) };
  assert.deepEqual(canonicalJson(reversed.config), canonicalJson(job.config));
});

test('canonicalJson() keeps every value and the order of lists', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]));
});
