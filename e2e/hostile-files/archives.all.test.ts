import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { containersOf } from '../kit/containers.ts';
import type { Received } from '../kit/fake-client.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca, type TestOrca } from '../kit/start-orca.ts';
import type { ArchiveRow } from './archives/archive-row.ts';
import { BOMB_ROWS } from './archives/bomb-rows.ts';
import { BROKEN_ROWS } from './archives/broken-rows.ts';
import { CONTENT_ROWS } from './archives/content-rows.ts';
import { MARK, PATH_ROWS } from './archives/path-rows.ts';

const ROWS = [...PATH_ROWS, ...BOMB_ROWS, ...BROKEN_ROWS, ...CONTENT_ROWS];
/** Small, so that a bomb is one soon; room for 7z and the 20,000 entries that a job may have. */
const LIMITS = { memory_mb: 64, disk_mb: 32, wall_seconds: 120 };
/** All of them wait in one queue. */
const RESULT_MS = 600_000;

/** Puts a job with the row's file; the file is served so that the worker's cache takes it, too. */
async function putRow(orca: TestOrca, row: ArchiveRow, index: number, served: Set<string>): Promise<string> {
  const key = `${index}: ${row.id} ${row.what}`;
  const url = `${orca.client.url}/hostile/${index}/${row.urlEnd ?? 'archive'}`;
  orca.client.answer(new URL(url).pathname, async (_request, response) => {
    const bytes = await row.bytes();
    served.add(sha256(bytes));
    response.writeHead(200, { etag: `"${index}"` }).end(bytes);
  });
  const look = row.expected.kind === 'contained' ? row.expected.look : 'find $EXTRACTED $DOWNLOADED';
  const job = makeJob(orca.client, key, {
    files: { student: { url, mime_type: row.mimeType, should_replace_paths: row.replacePaths ?? false } },
    script: [{ cmd: look, on_complete: 'output' }],
    ...{ limits: { ...LIMITS, ...row.limits } },
  });
  const { status, body } = await orca.put(job);
  assert.equal(status, 200, JSON.stringify(body));
  return key;
}

function assertExpected({ expected }: ArchiveRow, result: Received): void {
  const shown = JSON.stringify(result);
  switch (expected.kind) {
    case 'contained':
      assert.deepEqual(result.errors, [], shown);
      if (typeof expected.sees === 'string') assert.equal(result.output, expected.sees, shown);
      else assert.match(result.output ?? '', expected.sees, shown);
      return;
    case 'refused':
    case 'limited': {
      const code = expected.kind === 'refused' ? 'ArchiveRefused' : 'LimitExceeded';
      assert.deepEqual(result.error_codes, [code], shown);
      assert.match(result.errors?.[0]?.replace(`${code}: `, '') ?? '', expected.says);
      assert.deepEqual(result.shell_responses, [], 'a partial extraction is never graded');
      assert.equal(result.output, undefined);
      return;
    }
    default:
      expected satisfies never;
  }
}

/** All that a worker left on its disk must be the very bytes that it fetched, with no right but its own to read them. */
async function assertDiskUntouched(folder: string, served: ReadonlySet<string>): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    assert.ok(entry.isFile() || entry.isDirectory(), `"${path}" is neither a file nor a folder`);
    assert.doesNotMatch(path, new RegExp(MARK));
    if (!entry.isFile() || !entry.parentPath.endsWith('/cache') || entry.name.endsWith('.entry')) continue;
    assert.equal((await stat(path)).mode & 0o7177, 0, `"${path}" has more rights than it needs`);
    assert.ok(served.has(sha256(await readFile(path))), `"${path}" is nothing that was fetched`);
  }
  for (const place of ['/', '/tmp', '/etc', tmpdir(), homedir(), process.cwd(), join(folder, '..')])
    await assert.rejects(access(join(place, MARK)), { code: 'ENOENT' }, place);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('hostile archives and files are refused with a sentence or contained, and the worker and its disk are as before', async (t) => {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'orca-hostile-files-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const orca = opened.use(await startOrca());
  const worker = await orca.startWorker({ ORCA_WORKER_FOLDER: folder, ORCA_CONCURRENCY: '2' });
  const served = new Set<string>();
  const keys: string[] = [];
  for (const [index, row] of ROWS.entries()) keys.push(await putRow(orca, row, index, served));
  for (const [index, row] of ROWS.entries()) {
    await t.test(`${row.id} ${row.what}`, async () => {
      const { json } = await orca.client.waitForResult(keys[index] ?? '', RESULT_MS);
      assertExpected(row, json);
    });
  }
  await assertDiskUntouched(folder, served);
  await orca.put(makeJob(orca.client, 'an honest job afterwards'));
  assert.equal((await orca.client.waitForResult('an honest job afterwards')).json.output, 'hello');
  // With it go the containers that it had started ahead.
  await worker.stop();
  assert.deepEqual(await containersOf(orca.databaseUrl), [], 'no container is left');
});
