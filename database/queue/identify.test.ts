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

test('identifyJob() gives what is stored of the jobs of earlier versions', () => {
  const { identity, submitter, content } = identifyJob(makeJob());
  assert.deepEqual(
    [identity, submitter, content].map((hash) => hash.toString('hex')),
    [
      '9bee1fa369699f0d08397eea236f870b89110981e395be8e9514ccf2af1b2958',
      'c38459849a7a56d240c8826770aabe4999ed6ad6d74940d00fa0d532d55c8a09',
      '35f4d963a9495c874143b7a8d5a84f3deba9e7616bd8d5198853834ec1ca2927',
    ],
  );
});

test('canonicalJson() is what a function asked for each value makes, also of fields named like a prototype', () => {
  const before = (value: unknown): string =>
    JSON.stringify(value, (_name, inner: unknown) => {
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
      return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
    });
  fc.assert(
    fc.property(fc.jsonValue(), (value) => assert.equal(canonicalJson(value), before(value))),
    { examples: [[JSON.parse('{"b":{"__proto__":{"d":1,"c":2},"a":[]},"10":1,"9":"\\ud800"}')]] },
  );
});

test('canonicalJson() keeps every value and the order of lists', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
  assert.notEqual(canonicalJson([1, 2]), canonicalJson([2, 1]));
});
