import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ERROR_CHARACTERS_MAX, ERRORS_MAX } from './api-error.ts';
import { checkDockerfile } from './check-dockerfile.ts';
import { cpuMsOf } from './testing/cpu-ms.ts';

const BASE = 'FROM orca-grader-base\n';
const DEFAULT = { allowRemoteAdd: false };

const piece = fc.oneof(
  fc.constantFrom(
    ...['FROM ', 'orca-grader-base', ' AS a', '\n', 'COPY ', 'ADD ', '--from=', '0', '$', '["', 'ENV '],
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

test('checkDockerfile() answers any text with few sentences, and passes none without the base last', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const contents = pieces.join('');
      const { errors, notes } = checkDockerfile(contents, DEFAULT);
      assert.ok(errors.length <= ERRORS_MAX && notes.length <= ERRORS_MAX);
      for (const sentence of [...errors, ...notes]) {
        assert.match(sentence, /^dockerfile_contents: line \d+: ./);
        assert.ok(sentence.length <= ERROR_CHARACTERS_MAX && sentence.isWellFormed());
      }
      if (errors.length === 0) assert.match(contents, /FROM[\t ]+orca-grader-base/);
    }),
    { numRuns: 2000 },
  );
});

test('checkDockerfile() takes linear time, whatever it is given', () => {
  const contents = [
    ...['FROM a AS b\n', 'RUM\n', `${BASE}`, 'CMD a\n', '\u0001\n', 'VOLUME a\n'].map((line) =>
      line.repeat(8000),
    ),
    ...[
      `${BASE}COPY ${'['.repeat(60_000)}`,
      `${BASE}ENV ${'"'.repeat(60_000)}`,
      `${BASE}RUN ${'<<'.repeat(30_000)}`,
    ],
    `${Array.from({ length: 3_276 }, (_, index) => `ARG ${index.toString(36)}=\n`).join('')}${'FROM\n'.repeat(7_000)}`,
    ...[`${BASE}ENV ${'a=b '.repeat(15_000)}`, `${BASE}ADD ${'$ '.repeat(30_000)}`, 'a'.repeat(60_000)],
  ];
  for (const each of contents) {
    const took = cpuMsOf(() => checkDockerfile(each, DEFAULT));
    assert.ok(took < 500, `${JSON.stringify(each.slice(0, 40))} takes ${took} ms`);
  }
});
