import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { daemonSettings, parseSettings } from '@orca/daemon';
import { type ImageSetup, openGrading, type Sandbox } from '@orca/grading';
import { gradingSetup } from './grading-setup.ts';
import { workerSettings } from './settings.ts';

const NEVER = new AbortController().signal;

const SANDBOX: Sandbox = {
  run: () => assert.fail('the job has no files to run with'),
  rest: () => undefined,
  removeOrphans: async () => 0,
  [Symbol.asyncDispose]: async () => undefined,
};
const IMAGES: ImageSetup = {
  source: { find: () => assert.fail(), download: () => assert.fail() },
  folder: tmpdir(),
  totalMs: 1,
  retention: { keepSeconds: 1, bytesMax: 1 },
  lastUses: async () => [],
  needed: async () => new Set<string>(),
  onEvent: () => undefined,
};

test('gradingSetup() lets no file be fetched from what the operator says is Orca’s own', async () => {
  const root = await mkdtemp(join(tmpdir(), 'orca-grading-setup-test-'));
  let requests = 0;
  const engine = createServer((_request, response) => {
    requests += 1;
    response.end('{"ID":"the engine of builds"}');
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  const bound = engine.address();
  assert.ok(bound !== null && typeof bound !== 'string');
  const at = `127.0.0.1:${bound.port}`;
  try {
    const env = { POSTGRES_URL: 'postgresql://db.invalid/orca', ORCA_OWN_ADDRESSES: `10.0.0.9,${at}` };
    const parsed = parseSettings({ ...daemonSettings, ...workerSettings }, env);
    assert.ok(parsed.kind === 'ok', JSON.stringify(parsed));
    const folders = { installation: root, cache: join(root, 'cache'), workers: root, own: root };
    const setup = { engine: null, sandbox: SANDBOX, folders, images: IMAGES, installationId: 'i' };
    const grading = await openGrading(gradingSetup(parsed.values, setup));
    const file = { url: `http://${at}/info`, mime_type: 'text/plain', should_replace_paths: false };
    const config = {
      key: 'a job',
      collation: { type: 'user' as const, id: 'u' },
      metadata_table: {},
      files: { engine: file },
      priority: 0,
      script: [{ cmd: 'true', on_complete: 'output' as const }],
      response_url: 'http://client.invalid/',
      grader_image_sha: 'a'.repeat(64),
    };
    const job = { key: 'a job', config, gradingId: 'g', queuedMs: 0 };
    const graded = await grading.grade(job, () => undefined, NEVER);
    assert.ok(graded.kind === 'result', JSON.stringify(graded));
    assert.match(graded.body, /FileFetchFailed: .*belong to Orca itself/);
    assert.equal(requests, 0);
  } finally {
    engine.closeAllConnections();
    engine.close();
    await rm(root, { recursive: true });
  }
});
