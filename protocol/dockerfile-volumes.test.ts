import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDockerfile } from './check-dockerfile.ts';

const BASE = 'FROM orca-grader-base\n';
const errorsOf = (contents: string): string[] => checkDockerfile(contents, { allowRemoteAdd: false }).errors;
const refusal = (line: number, volume: string, at: number): string =>
  `dockerfile_contents: line ${line}: RUN must not come after VOLUME ${volume} of line ${at}, where nothing limits or keeps what it writes: put VOLUME last`;

test('checkDockerfile() refuses a RUN after a VOLUME: what it writes there has no limit (D07)', () => {
  assert.deepEqual(errorsOf(`${BASE}VOLUME /v\nRUN fill /v\n`), [refusal(3, '/v', 2)]);
  assert.deepEqual(errorsOf(`${BASE}volume ["/a b", "/c"]\nUSER 1000\nrun a\nRUN b\n`), [
    refusal(4, '/a b', 2),
    refusal(5, '/a b', 2),
  ]);
  assert.deepEqual(errorsOf(`${BASE}VOLUME $V\nVOLUME /w\nRUN a\n`), [refusal(4, '$V', 2)]);
});

test('checkDockerfile() refuses a RUN in a stage that is built on one with a VOLUME', () => {
  const stages = 'FROM debian AS a\nRUN make\nVOLUME /v\nFROM A AS b\nFROM b\nRUN fill /v\n';
  assert.deepEqual(errorsOf(`${stages}${BASE}RUN make\n`), [refusal(6, '/v', 3)]);
});

test('checkDockerfile() takes a VOLUME behind the last RUN, and files of a stage that has one', () => {
  const last = 'RUN make\nVOLUME /data\nWORKDIR /data\nCOPY --from=a /v /data\nUSER 1000\n';
  assert.deepEqual(errorsOf(`FROM debian AS a\nRUN make\nVOLUME /v\n${BASE}${last}`), []);
});

test('checkDockerfile() takes four volumes where there are files, and not one more: the engine copies those into each', () => {
  const volumes = (count: number): string =>
    Array.from({ length: count }, (_, n) => `VOLUME /v${n}\n`).join('');
  const says = (line: number): string[] => [
    `dockerfile_contents: line ${line}: a stage with files of its own must have at most 4 volumes, "/v4" is one more: the engine copies what lies there into each`,
  ];
  assert.deepEqual(errorsOf(`${BASE}RUN fill /v0\n${volumes(4)}`), []);
  assert.deepEqual(errorsOf(`${BASE}RUN fill /v0\n${volumes(5)}`), says(7));
  assert.deepEqual(errorsOf(`FROM debian AS a\n${BASE}${volumes(5)}COPY --from=a /v0 /v0\n`), says(7));
  assert.deepEqual(errorsOf(`FROM debian AS a\nVOLUME /a /b\nFROM a\nVOLUME /c /d /v4\n${BASE}`), says(4));
  assert.deepEqual(errorsOf(`FROM debian AS a\nVOLUME /a /b\nFROM a\nVOLUME /c /v4\n${BASE}`), []);
});

test('checkDockerfile() takes 32 volumes of an earlier stage, too, and no more', () => {
  const volumes = (count: number): string =>
    `VOLUME ${Array.from({ length: count }, (_, n) => `/v${n}`).join(' ')}\n`;
  assert.deepEqual(errorsOf(`${BASE}${volumes(32)}${BASE}`), []);
  assert.deepEqual(errorsOf(`${BASE}${volumes(33)}${BASE}`), [
    'dockerfile_contents: line 2: an image must have at most 32 volumes, "/v32" is one more',
  ]);
});
