import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  BASE_IMAGE_DOCKERFILE,
  baseImageSha,
  DOCKERFILE_BYTES_MAX,
  parseImageBuildRequest,
} from './image-build.ts';

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');

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

test('parseImageBuildRequest() gives back a request whose checksum is that of its contents', () => {
  const value = request('FROM orca-grader-base\nRUN true\n');
  assert.deepEqual(parseImageBuildRequest(value, sha256Of), { kind: 'valid', request: value });
});

test('parseImageBuildRequest() refuses another checksum, and says the right one', () => {
  const value = { ...request('FROM orca-grader-base\n'), dockerfile_sha_sum: 'a'.repeat(64) };
  assert.deepEqual(parseImageBuildRequest(value, sha256Of), {
    kind: 'invalid',
    errors: [`dockerfile_sha_sum: must be that of dockerfile_contents, ${baseImageSha()}`],
  });
});

test('parseImageBuildRequest() refuses what is no request, and a Dockerfile one byte too long', () => {
  const most = request('#'.repeat(DOCKERFILE_BYTES_MAX));
  assert.equal(parseImageBuildRequest(most, sha256Of).kind, 'valid');
  const rows: [value: unknown, sentence: RegExp][] = [
    [request('#'.repeat(DOCKERFILE_BYTES_MAX + 1)), /^dockerfile_contents: .*is 65537 bytes$/],
    [request(''), /^dockerfile_contents: .*is empty$/],
    [{ ...most, dockerfile: 'x' }, /^dockerfile: unknown field/],
    [null, /^body: must be an object, is null$/],
    [JSON.parse('['.repeat(100) + ']'.repeat(100)), /^body: nesting deeper than 64$/],
  ];
  for (const [value, sentence] of rows) {
    const parsed = parseImageBuildRequest(value, sha256Of);
    assert.match(parsed.kind === 'invalid' ? parsed.errors.join('\n') : '', sentence);
  }
});
