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

test('explainFailure() is bounded, whatever the engine quotes', () => {
  const text = explainFailure({
    ...failure,
    message: `${'x'.repeat(1e6)}\ud800`,
    step: '\ud800'.repeat(1e5),
  });
  assert.ok(text.length < 3_000 && text.isWellFormed());
});
