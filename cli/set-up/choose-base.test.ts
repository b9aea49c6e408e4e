import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../repository.ts';
import { defaultBaseOf } from './choose-base.ts';
import { hashInputs } from './ensure-base-image.ts';

test('defaultBaseOf() reads the base that the Dockerfile names', () => {
  assert.equal(defaultBaseOf('# a\nARG BASE=debian:12-slim\nFROM $BASE\n'), 'debian:12-slim');
  assert.throws(() => defaultBaseOf('FROM debian\n'), /no line "ARG BASE=…"/);
});

test('defaultBaseOf() knows the line of our own Dockerfile', async () => {
  const path = join(REPOSITORY.workerFolder, 'images/orca-grader-base.Dockerfile');
  assert.equal(defaultBaseOf(await readFile(path, 'utf8')), 'ubuntu:22.04');
});

test('hashInputs() gives another name for each change of what the image is made of', () => {
  const inputs = { dockerfile: 'FROM a', nodeVersion: 'v24.0.0', base: '' };
  const names = [
    inputs,
    { ...inputs, dockerfile: 'FROM b' },
    { ...inputs, nodeVersion: 'v24.0.1' },
    { ...inputs, base: 'debian:12' },
  ].map(hashInputs);
  assert.equal(new Set(names).size, names.length);
  assert.equal(hashInputs({ ...inputs }), names[0]);
});
