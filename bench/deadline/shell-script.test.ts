import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type GradingScript, parseGradingJob } from '@orca/protocol';
import { shellScript } from './shell-script.ts';

const FILE = { url: 'http://127.0.0.1/x', should_replace_paths: false };

/** Runs a script by a shell, in folders of its own. */
async function run(script: GradingScript): Promise<{ status: number | null; stdout: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'orca-shell-test-'));
  try {
    const folders = { downloaded: folder, extracted: `${folder}/it's extracted`, build: `${folder}/build` };
    await writeFile(join(folder, 'grade.sh'), shellScript({ files: {}, script }, folders));
    const { status, stdout } = spawnSync('/bin/sh', [join(folder, 'grade.sh')], { encoding: 'utf8' });
    return { status, stdout: stdout.replaceAll(folder, '') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('shellScript() runs the same commands and follows the same edges', async () => {
  const script: GradingScript = [
    { cmd: ['printf', '%s|', 'a b', '$BUILD/c', "it's"], on_fail: 'abort' },
    {
      condition: { predicate: 'dir', path: '$BUILD' },
      on_true: 'there',
      on_false: [{ cmd: 'echo not there', on_complete: 'output' }],
    },
    { cmd: 'echo skipped' },
    { label: 'there', cmd: 'pwd; exit 3', working_dir: '$BUILD', on_fail: 'last' },
    { cmd: 'echo skipped', on_complete: 'output' },
    { label: 'last', cmd: 'cat "$0.none" 2>/dev/null || echo last', on_complete: 'output' },
  ];
  const parsed = parseGradingJob({
    ...{ key: 'k', collation: { type: 'user', id: '1' }, metadata_table: {}, files: {}, priority: 0, script },
    ...{ response_url: 'http://127.0.0.1/', grader_image_sha: 'a'.repeat(64) },
  });
  assert.equal(parsed.kind, 'valid');
  assert.deepEqual(await run(script), { status: 0, stdout: "a b|/build/c|it's|/build\nlast\n" });
});

test('shellScript() ends with a failure where the script aborts, and when a time is up', async () => {
  assert.equal((await run([{ cmd: 'false', on_fail: 'abort' }])).status, 1);
  const late: GradingScript = [
    { cmd: ['sleep', '60'], timeout: 0.1, on_fail: 'abort', on_complete: 'output' },
  ];
  assert.equal((await run(late)).status, 1);
});

test('shellScript() unpacks what it knows, and refuses the rest', () => {
  const folders = { downloaded: '/in', extracted: '/x', build: '/b' };
  const script: GradingScript = [{ cmd: 'true', on_complete: 'output' }];
  const files = {
    jar: { ...FILE, mime_type: 'application/zip' },
    tests: { ...FILE, mime_type: 'application/x-gtar' },
  };
  const text = shellScript({ files, script }, folders);
  assert.match(text, /mkdir -p '\/x\/jar' && \(set -- '\/in\/jar' && cd '\/x\/jar' && unzip -q -o "\$1"\)/);
  assert.match(text, /cd '\/x\/tests' && tar xzf "\$1"/);
  const odd = { odd: { ...FILE, mime_type: 'text/odd' } };
  assert.throws(() => shellScript({ files: odd, script }, folders), /Cannot unpack "odd" by hand/);
});
