import assert from 'node:assert/strict';
import { test } from 'node:test';
import { overheadSecondsOf } from './overhead-seconds.ts';

test('overheadSecondsOf() leaves time for two downloads of an image and three of a file, however long they may be', () => {
  for (const image of [900, 86_400])
    for (const file of [60, 600]) {
      const seconds = overheadSecondsOf({ ORCA_IMAGE_TOTAL_SECONDS: image, ORCA_FILE_TOTAL_SECONDS: file });
      assert.ok(seconds > 2 * image + 3 * file, `${seconds} s`);
    }
});
