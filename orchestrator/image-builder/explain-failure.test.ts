import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainFailure } from './explain-failure.ts';

const failure = { status: null, step: 'Step 2/3 : RUN make', memoryMb: 2048 };

test('explainFailure() names the step, what the engine said, and what to do', () => {
  const message = "The command '/bin/sh -c apt-get install x' returned a non-zero code: 100";
  const text = explainFailure({ ...failure, message, status: 100 });
  assert.match(text, /^Step 2\/3 : RUN make: The command .* 100\. apt-get ends with 100 .*apt-get update &&/);
  assert.equal(
    explainFailure({ ...failure, message: 'something\n  new', status: 3 }),
    'Step 2/3 : RUN make: something new',
  );
});

test('explainFailure() tells a kill for memory from another end, and names the limit', () => {
  const message = "The command '/bin/sh -c ./hog' returned a non-zero code: 137";
  assert.match(explainFailure({ ...failure, message, status: 137 }), /more than 2048 MiB of memory/);
  assert.doesNotMatch(explainFailure({ ...failure, message, status: null }), /memory/);
});

test('explainFailure() tells a file that grew too large', () => {
  const message = "The command '/bin/sh -c yes > /f' returned a non-zero code: 153";
  assert.match(
    explainFailure({ ...failure, message, status: 153 }),
    /153 means that it wrote a file that is larger than a whole image may be$/,
  );
});

/** What the classic builder of Docker 20.10 says, and of which hint it is the beginning. */
const SENTENCES: readonly (readonly [message: string, hint: RegExp | null])[] = [
  ['dockerfile parse error line 3: unknown instruction: HELLO', /^Heredocs \(<<EOF\) need BuildKit/],
  ['dockerfile parse error line 2: EXPOSE requires at least one argument', null],
  ['failed to parse Dockerfile: ENV must have two arguments', null],
  ['COPY failed: stat app/out: file does not exist', /^The earlier stage has no such file: .* its WORKDIR/],
  ['COPY failed: no source files were specified', /^The earlier stage has no such file/],
  ["COPY failed: source can't be a URL for COPY", null],
  [
    'ADD failed: file not found in build context or excluded by .dockerignore: stat tests: file does not exist',
    /^The build sees the Dockerfile and no other file/,
  ],
  ['ADD failed: failed to GET http://files.example/x with status 404 Not Found: gone', null],
  ["The command '/bin/sh -c echo unknown instruction, COPY failed' returned a non-zero code: 3", null],
];

for (const [message, hint] of SENTENCES)
  test(`explainFailure() ${hint === null ? 'has nothing to add to' : 'says what to do about'} "${message}"`, () => {
    const text = explainFailure({ ...failure, message });
    const begin = `Step 2/3 : RUN make: ${message}`;
    if (hint === null) assert.equal(text, begin);
    else {
      assert.ok(text.startsWith(`${begin}. `), text);
      assert.match(text.slice(begin.length + 2), hint);
    }
  });

test('explainFailure() is bounded, whatever the engine quotes', () => {
  const text = explainFailure({
    ...failure,
    message: `${'x'.repeat(1e6)}\ud800`,
    step: '\ud800'.repeat(1e5),
  });
  assert.ok(text.length < 3_000 && text.isWellFormed());
});
