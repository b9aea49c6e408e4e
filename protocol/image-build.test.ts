import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { ERRORS_MAX } from './api-error.ts';
import {
  BASE_IMAGE_DOCKERFILE,
  baseImageSha,
  DOCKERFILE_BYTES_MAX,
  parseImageBuildRequest,
} from './image-build.ts';

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
const deps = { sha256Of, allowRemoteAdd: false };

function request(dockerfile: string): Record<string, unknown> {
  return {
    dockerfile_contents: dockerfile,
    dockerfile_sha_sum: sha256Of(dockerfile),
    response_url: 'https://course.example.edu/images',
  };
}

test("baseImageSha() is the SHA-256 of the base image's Dockerfile", () => {
  assert.equal(baseImageSha(), sha256Of(BASE_IMAGE_DOCKERFILE));
});

test('parseImageBuildRequest() gives back a request whose checksum is that of its contents, with remarks', () => {
  const value = request('FROM orca-grader-base:1\nRUN true\nCMD true\n');
  assert.deepEqual(parseImageBuildRequest(value, deps), {
    kind: 'valid',
    request: value,
    notes: [
      'dockerfile_contents: line 3: CMD is ignored: Orca starts its own harness and runs the grading script',
    ],
    baseReferences: ['orca-grader-base:1'],
  });
});

test('parseImageBuildRequest() takes the base image itself', () => {
  assert.equal(parseImageBuildRequest(request(BASE_IMAGE_DOCKERFILE), deps).kind, 'valid');
});

test('parseImageBuildRequest() refuses another checksum, and says the right one (A22, D12)', () => {
  const value = { ...request('FROM orca-grader-base\n'), dockerfile_sha_sum: 'a'.repeat(64) };
  const sentence = `dockerfile_sha_sum: must be the SHA-256 of the exact bytes (UTF-8) of dockerfile_contents, ${baseImageSha()}`;
  assert.deepEqual(parseImageBuildRequest(value, deps), { kind: 'invalid', errors: [sentence] });
});

test('parseImageBuildRequest() says a wrong checksum and what is wrong in the Dockerfile together', () => {
  const value = {
    ...request(`FROM ubuntu\n${'COPY . /x\n'.repeat(20)}`),
    dockerfile_sha_sum: 'a'.repeat(64),
  };
  const parsed = parseImageBuildRequest(value, deps);
  const errors = parsed.kind === 'invalid' ? parsed.errors : [];
  assert.equal(errors.length, ERRORS_MAX);
  assert.match(errors[0] ?? '', /^dockerfile_sha_sum: /);
  assert.match(
    errors[1] ?? '',
    /^dockerfile_contents: line 1: the last stage must begin FROM orca-grader-base/,
  );
});

test('parseImageBuildRequest() lets ADD fetch where the operator allows it', () => {
  const value = request('FROM orca-grader-base\nADD https://example.edu/x /x\n');
  assert.equal(parseImageBuildRequest(value, deps).kind, 'invalid');
  assert.equal(parseImageBuildRequest(value, { ...deps, allowRemoteAdd: true }).kind, 'valid');
});

test('parseImageBuildRequest() refuses what is no request, and a Dockerfile one byte too long', () => {
  const padded = (bytes: number): string => BASE_IMAGE_DOCKERFILE.padEnd(bytes, '#');
  const most = request(padded(DOCKERFILE_BYTES_MAX));
  assert.equal(parseImageBuildRequest(most, deps).kind, 'valid');
  const rows: [value: unknown, sentence: RegExp][] = [
    [request(padded(DOCKERFILE_BYTES_MAX + 1)), /^dockerfile_contents: .*is 65537 bytes$/],
    [request(''), /^dockerfile_contents: .*is empty$/],
    [request('FROM orca-grader-base\n\0'), /^dockerfile_contents: must not contain NUL$/],
    [{ ...most, dockerfile: 'x' }, /^dockerfile: unknown field/],
    [null, /^body: must be an object, is null$/],
    [JSON.parse('['.repeat(100) + ']'.repeat(100)), /^body: nesting deeper than 64$/],
  ];
  for (const [value, sentence] of rows) {
    const parsed = parseImageBuildRequest(value, deps);
    assert.match(parsed.kind === 'invalid' ? parsed.errors.join('\n') : '', sentence);
  }
});
