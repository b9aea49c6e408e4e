import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseGradingScript } from '@orca/protocol';
import { readTap } from '@orca/results';

const GUIDE = join(import.meta.dirname, '../../docs/guides/grading-script.md');

async function blocksOf(language: string): Promise<string[]> {
  const guide = await readFile(GUIDE, 'utf8');
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );
}

test('each script in the guide to grading scripts is one that a server takes', async () => {
  const scripts = (await blocksOf('json')).map((text): unknown => JSON.parse(text));
  assert.equal(scripts.length, 3);
  // The condition stands by itself: where it leads is not there.
  const flat = { label: 'flat', cmd: 'true' };
  for (const script of scripts) {
    const whole = Array.isArray(script) ? script : [script, flat];
    assert.equal(parseGradingScript(whole).kind, 'valid', JSON.stringify(script));
  }
});

test('the report in the guide to grading scripts is read as it says', async () => {
  const [report = ''] = await blocksOf('tap');
  const read = readTap(report);
  assert.deepEqual(read?.score, { earned: 3, available: 6 });
  assert.deepEqual(
    read.tests.map(({ status, score }) => [status, score]),
    [
      ['passed', 2],
      ['failed', 0],
      ['passed', 1],
    ],
  );
  assert.deepEqual(read.problems, []);
});
