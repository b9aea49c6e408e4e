import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectEngine, listContainers } from '@orca/docker';
import { baseImageSha, DEFAULT_LIMITS, type GradingJobConfig, type GradingResult } from '@orca/protocol';
import type { Graded, RunEvent } from './grade-job.ts';
import { type ImageSource, SourceAwayError } from './image-source.ts';
import { type Grading, openGrading } from './open-grading.ts';
import { createDockerSandbox } from './sandbox/docker.ts';
import { startFileServer } from './testing/file-server.ts';
import { createWorkspace } from './workspace.ts';

const NEVER = new AbortController().signal;

const config = (changes: Partial<GradingJobConfig>): GradingJobConfig => ({
  key: 'k',
  collation: { type: 'user', id: '42' },
  metadata_table: {},
  files: {},
  priority: 0,
  script: [{ cmd: 'true', on_complete: 'output' }],
  response_url: 'http://course.example.edu/grades/17',
  grader_image_sha: baseImageSha(),
  ...changes,
});

const BASE_ONLY: ImageSource = {
  find: async () => ({ kind: 'everywhere' }),
  download: () => assert.fail('nothing to download'),
};

/** Grading on the real engine, under an installation of the test's own, which must leave nothing behind. */
async function openTestGrading(source: ImageSource = BASE_ONLY): Promise<
  AsyncDisposable & {
    grade(
      changes: Partial<GradingJobConfig>,
      signal?: AbortSignal,
      onEvent?: (event: RunEvent) => void,
    ): Promise<Graded>;
  }
> {
  await using opened = new AsyncDisposableStack();
  const workspace = opened.use(await createWorkspace(join(tmpdir(), 'orca-test')));
  const engine = await connectEngine();
  const installationId = randomUUID();
  const jobsFolder = join(workspace.folder, 'jobs');
  opened.defer(async () => {
    const labels = { 'orca.installation': installationId };
    assert.deepEqual(await listContainers(engine, { labels }), [], 'no container is left');
    assert.deepEqual(await readdir(jobsFolder), [], 'no folder is left');
  });
  const sandbox = opened.use(await createDockerSandbox({ engine, installationId, workerId: 'test' }));
  const grading: Grading = await openGrading({
    engine,
    installationId,
    sandbox,
    images: {
      source,
      folder: join(workspace.folder, 'images'),
      totalMs: 10_000,
      retention: { keepSeconds: 1e9, bytesMax: 1e15 },
      lastUses: async () => [],
      needed: async () => new Set(),
      onEvent: () => undefined,
      // Each job looks.
      baseKnownMs: 0,
    },
    cacheFolder: join(workspace.folder, 'cache'),
    jobsFolder,
    addresses: { production: false, allow: [], refusePrivate: false, own: [], ownHosts: [] },
    fileTotalMs: 10_000,
    allowedLimits: DEFAULT_LIMITS,
    allowNetwork: false,
  });
  const closing = opened.move();
  return {
    grade: (changes, signal = NEVER, onEvent = () => {}) =>
      grading.grade(
        { key: 'the key', config: config(changes), gradingId: 'msg_1', queuedMs: 12.4 },
        onEvent,
        signal,
      ),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function resultOf(graded: Graded): GradingResult {
  assert.equal(graded.kind, 'result');
  return JSON.parse(graded.kind === 'result' ? graded.body : '');
}

test('gradeJob() goes from image and files through the sandbox to a result', async () => {
  await using server = await startFileServer();
  await using grading = await openTestGrading();
  const url = server.answer('/hello.txt', (_request, response) => void response.end('hello\n'));
  const graded = await grading.grade({
    files: { greeting: { url, mime_type: 'text/plain', should_replace_paths: false } },
    script: [{ cmd: 'cd $EXTRACTED/greeting; pwd; cat *', on_complete: 'output' }],
  });
  assert.equal(graded.kind === 'result' && graded.outcome, 'graded');
  const result = resultOf(graded);
  assert.equal(result.key, 'the key');
  assert.equal(result.output, '$EXTRACTED/greeting\nhello');
  assert.equal(result.shell_responses[0]?.cmd, 'cd $EXTRACTED/greeting; pwd; cat *');
  assert.equal(result.timings?.queued_ms, 12);
  const { total_ms = 0, ...stages } = result.timings ?? {};
  assert.deepEqual(Object.keys(stages), [
    ...['queued_ms', 'image_ms', 'files_ms', 'container_ms', 'unpack_ms', 'commands_ms'],
  ]);
  // Each stage is rounded by itself.
  const each = Object.values(stages);
  assert.ok(each.reduce((sum, ms) => sum + ms, 0) <= total_ms + each.length);
});

test('gradeJob() ends a job at once that cannot have its files, without a container', async () => {
  await using server = await startFileServer();
  await using grading = await openTestGrading();
  const url = server.answer('/x', (_request, response) => void response.writeHead(404).end());
  const files = { student: { url, mime_type: 'text/plain', should_replace_paths: false } };
  const graded = await grading.grade({ files });
  assert.equal(graded.kind === 'result' && graded.outcome, 'failed');
  const result = resultOf(graded);
  assert.deepEqual(result.errors, [
    'FileFetchFailed: Cannot fetch the file "student": the server answered 404',
  ]);
  assert.equal(result.timings?.container_ms, 0);
});

test('gradeJob() takes an image that cannot be had for a fault of ours, and one that is not built or cannot be had now for nobody’s', async () => {
  const archiveSha256 = Buffer.alloc(32);
  const image = { layers: ['sha256:x'], archiveBytes: 10, archiveSha256 };
  await using lost = await openTestGrading({
    find: async () => ({ kind: 'ready', image }),
    download: () => Promise.reject(new Error('Cannot download the grader image: no answer')),
  });
  const graded = await lost.grade({ grader_image_sha: 'f'.repeat(64) });
  assert.equal(graded.kind, 'fault');
  assert.equal(graded.kind === 'fault' && graded.sentence, 'Cannot download the grader image: no answer');
  await using away = await openTestGrading({
    find: async () => ({ kind: 'ready', image }),
    download: () => Promise.reject(new SourceAwayError('Cannot download grader images now')),
  });
  const putOff = await away.grade({ grader_image_sha: 'f'.repeat(64) });
  assert.partialDeepStrictEqual(putOff, { kind: 'not_now', sentence: 'Cannot download grader images now' });
  await using pruned = await openTestGrading({ ...BASE_ONLY, find: async () => ({ kind: 'not_built' }) });
  assert.deepEqual(await pruned.grade({ grader_image_sha: 'f'.repeat(64) }), { kind: 'image_gone' });
});

test('gradeJob() says which limit ended a job, and takes it for the doing of the submission', async () => {
  await using grading = await openTestGrading();
  const script = [{ cmd: 'echo before' }, { cmd: 'echo started; sleep 60', timeout: 60 }];
  const graded = await grading.grade({ limits: { wall_seconds: 2 }, script });
  assert.equal(graded.kind === 'result' && graded.outcome, 'graded');
  const result = resultOf(graded);
  assert.deepEqual(result.error_codes, ['LimitExceeded']);
  assert.deepEqual(
    result.shell_responses.map((response) => response.stdout),
    ['before', 'started'],
  );
});

test('gradeJob() stops when its signal aborts, in the middle of a command', async () => {
  await using grading = await openTestGrading();
  const stop = new AbortController();
  const graded = await grading.grade({ script: [{ cmd: 'sleep 60' }] }, stop.signal, (event) => {
    if (event.kind === 'step_started') stop.abort();
  });
  assert.deepEqual(graded, { kind: 'stopped' });
});

test('gradeJob() stops when its signal aborts while files are fetched', async () => {
  await using server = await startFileServer();
  await using grading = await openTestGrading();
  const stop = new AbortController();
  const url = server.answer('/x', () => stop.abort());
  const files = { x: { url, mime_type: 'text/plain', should_replace_paths: false } };
  assert.deepEqual(await grading.grade({ files }, stop.signal), { kind: 'stopped' });
});

/** Grading that has graded one job of the base image, and what it is told of images from then on. */
async function openAfterOneJob(find: ImageSource['find']): ReturnType<typeof openTestGrading> {
  let isFirst = true;
  const grading = await openTestGrading({
    ...BASE_ONLY,
    async find(sha, signal) {
      if (!isFirst) return await find(sha, signal);
      isFirst = false;
      return { kind: 'everywhere' };
    },
  });
  await grading.grade({});
  return grading;
}

test('gradeJob() fetches files while it looks for an image that was there the last time', async () => {
  await using server = await startFileServer();
  const asked = Promise.withResolvers<void>();
  await using grading = await openAfterOneJob(async () => {
    await asked.promise;
    return { kind: 'everywhere' };
  });
  const url = server.answer('/x', (_request, response) => {
    asked.resolve();
    response.end('x');
  });
  const files = { x: { url, mime_type: 'text/plain', should_replace_paths: false } };
  const stages: string[] = [];
  const graded = await grading.grade({ files }, NEVER, (event) => {
    if (event.kind === 'stage_done') stages.push(event.stage);
  });
  assert.equal(graded.kind === 'result' && graded.outcome, 'graded');
  assert.deepEqual(stages, ['image', 'files']);
});

test('gradeJob() does not wait for the files of a job whose image has gone, and then asks for none', async () => {
  await using server = await startFileServer();
  const asked = Promise.withResolvers<void>();
  await using grading = await openAfterOneJob(async () => {
    await asked.promise;
    return { kind: 'not_built' };
  });
  let requests = 0;
  const url = server.answer('/never', () => {
    requests += 1;
    asked.resolve();
  });
  const files = { x: { url, mime_type: 'text/plain', should_replace_paths: false } };
  assert.deepEqual(await grading.grade({ files }), { kind: 'image_gone' });
  assert.deepEqual(await grading.grade({ files }), { kind: 'image_gone' });
  assert.equal(requests, 1, 'of the run that could not know it yet');
});
