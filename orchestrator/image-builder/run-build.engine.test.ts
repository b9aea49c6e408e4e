import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { claimDelivery, findImage, listBuilds, readBuildLog, recordDeliveryAttempt } from '@orca/database';
import { inspectImage, listImages } from '@orca/docker';
import { openTestBuilder, TEST_RESPONSE_URL, type TestBuilder } from '../testing/build-images.ts';
import { archiveFileName } from './image-store.ts';

const MIB = 1024 * 1024;
const BASE = 'FROM orca-grader-base\n';

/** What the client was told last. */
async function told(box: TestBuilder): Promise<{ was_successful: boolean; logs: Record<string, string>[] }> {
  const delivery = await claimDelivery(box.db, { serverId: 'a test', leaseSeconds: 60 });
  assert.ok(delivery !== null, 'nothing is owed');
  const answered = { statusCode: 200, durationMs: 1, answerStart: '', error: null };
  await recordDeliveryAttempt(box.db, { ...delivery, ...answered, outcome: { kind: 'delivered' } });
  assert.equal(delivery.kind, 'image');
  assert.equal(delivery.url, TEST_RESPONSE_URL);
  const body = JSON.parse(delivery.body);
  assert.deepEqual(Object.keys(body).sort(), ['logs', 'was_successful']);
  for (const entry of body.logs) assert.ok(typeof entry === 'object' && typeof entry.step === 'string');
  return body;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}

describe('runBuild()', () => {
  let box: TestBuilder;
  before(async () => {
    box = await openTestBuilder();
  });
  after(() => box[Symbol.asyncDispose]());

  /** Builds what must be refused; returns the reason, which the client was told too. */
  async function refuse(dockerfile: string, options: Parameters<TestBuilder['build']>[1] = {}) {
    const tags = await box.listTags();
    const archives = await readdir(box.folder);
    const sha = await box.build(dockerfile, options);
    const image = await findImage(box.db, sha);
    assert.equal(image?.state, 'failed', box.log());
    const reason = image?.failure ?? '';
    const outcome = await told(box);
    assert.equal(outcome.was_successful, false);
    assert.equal(outcome.logs[0]?.['step'], `grader image ${sha}`);
    assert.equal(outcome.logs[0]?.['error'], reason);
    assert.deepEqual(await box.listTags(), tags, 'nothing of it is in the engine');
    assert.deepEqual(await readdir(box.folder), archives, 'nothing of it is in the store');
    return { reason, outcome, sha };
  }

  test('makes an image: built, checked, tried, saved whole, and told', async () => {
    const dockerfile = `${BASE}RUN echo "made by a test" > /opt/made\nUSER orca-grader\n`;
    const sha = await box.build(dockerfile);
    const image = await findImage(box.db, sha);
    assert.equal(image?.state, 'ready', box.log());
    assert.ok(image?.archiveSha256 && image.imageBytes && image.layers && image.archiveBytes);
    const path = join(box.folder, archiveFileName(image.archiveSha256));
    assert.equal((await stat(path)).size, image.archiveBytes);
    assert.equal(await hashFile(path), image.archiveSha256.toString('hex'));
    assert.deepEqual(await readdir(box.folder), [archiveFileName(image.archiveSha256)]);
    const [tag] = await box.listTags();
    assert.equal(tag, `orca-grader-${box.installation}:${sha}`);
    assert.deepEqual((await inspectImage(box.engine, tag ?? ''))?.layers, image.layers);
    const outcome = await told(box);
    assert.equal(outcome.was_successful, true);
    assert.match(outcome.logs[0]?.['output'] ?? '', /^built in \d+ s, \d+ MiB$/);
    assert.ok(
      outcome.logs.some(({ step }) =>
        /^Step 2\/\d : RUN echo "made by a test" > \/opt\/made$/.test(step ?? ''),
      ),
    );
    const [build] = await listBuilds(box.db, sha, 1);
    assert.ok(build?.buildMs && build.checkMs && build.saveMs && build.outcome === 'ready');
    const log = await readBuildLog(box.db, { buildId: build.buildId, after: 0 });
    assert.ok(log.some(({ step }) => step.includes('RUN echo')));
  });

  test('tells why a step failed, with what it printed', async () => {
    const { reason, outcome } = await refuse(`${BASE}RUN echo "it broke here" && exit 3\n`);
    assert.match(reason, /^Cannot build the image: Step 2\/\d : RUN echo .*returned a non-zero code: 3$/);
    const last = outcome.logs.at(-1);
    assert.match(last?.['output'] ?? '', /it broke here/);
    assert.equal(last?.['error'], reason);
  });

  test('leaves nothing unnamed of a build that failed after other steps', async () => {
    const unnamed = async () => (await listImages(box.engine, { dangling: true })).map(({ id }) => id);
    const before = await unnamed();
    await refuse(`${BASE}RUN echo one > /one\nRUN echo two > /two\nRUN exit 1\n`);
    assert.deepEqual(
      (await unnamed()).filter((id) => !before.includes(id)),
      [],
    );
  });

  test('stops a build that hangs, and says how long it may take', async () => {
    const { reason } = await refuse(`${BASE}RUN sleep 1000\n`, { buildSeconds: 3 });
    assert.match(reason, /did not end within 3 s, and was stopped \(Step 2\/\d : RUN sleep 1000\)/);
  });

  test('keeps the end of a log that floods', async () => {
    const { reason, outcome } = await refuse(`${BASE}RUN seq 1 3000000 && echo the very end && exit 1\n`);
    assert.match(reason, /non-zero code: 1/);
    assert.match(outcome.logs.at(-1)?.['output'] ?? '', /\n3000000\nthe very end\n/);
    assert.ok(JSON.stringify(outcome).length < 100_000);
    assert.ok(outcome.logs.some(({ output }) => /^\d+ bytes of the older log/.test(output ?? '')));
  });

  test('stops a RUN that fills the disk', async () => {
    const imageBytesMax = ((await inspectImage(box.engine, 'orca-grader-base'))?.sizeBytes ?? 0) + 64 * MIB;
    const { reason } = await refuse(
      `${BASE}RUN for n in $(seq 1 1000); do dd if=/dev/zero of=/f$n bs=1M count=60 2>/dev/null; done; sleep 600\n`,
      { imageBytesMax },
    );
    assert.match(reason, /it wrote more than \d+ MiB, and was stopped/);
  });

  test('refuses an image that is too large, once it is built', async () => {
    const base = (await inspectImage(box.engine, 'orca-grader-base'))?.sizeBytes ?? 0;
    const { reason } = await refuse(`${BASE}RUN head -c 20000000 /dev/urandom > /big\n`, {
      imageBytesMax: base + 10 * MIB,
    });
    assert.match(reason, /more than \d+ MiB\. Remove what the tests do not need/);
  });

  test('tells a RUN that was killed for its memory', async () => {
    const { reason } = await refuse(
      `${BASE}RUN python3 -c "b = bytearray(300 * 1024 * 1024); print(len(b))"\n`,
      { memoryMb: 64 },
    );
    assert.match(reason, /137.*more than 64 MiB of memory/);
  });

  // One of each kind; the others are in e2e/hostile-files/dockerfiles.
  const unusable: [what: string, dockerfile: string, reason: RegExp][] = [
    [
      'without a shell',
      `${BASE}RUN rm -f /bin/sh /usr/bin/sh\n`,
      /its shell, \/bin\/sh, does not run a command/,
    ],
    ['without the user', `${BASE}RUN userdel orca-grader\n`, /its user 1000 is missing: keep orca-grader/],
    [
      'with a changed Node',
      `${BASE}RUN echo x >> /opt/orca/bin/node\n`,
      /\/opt\/orca\/bin\/node is not the one/,
    ],
    [
      'with too many volumes',
      `${BASE}${Array.from({ length: 33 }, (_, index) => `VOLUME /v${index}\n`).join('')}`,
      /at most 32 volumes/,
    ],
    ['that cannot be parsed', `${BASE}FROB x\n`, /unknown instruction/i],
  ];
  for (const [what, dockerfile, reason] of unusable) {
    test(`refuses an image ${what}`, async () => {
      assert.match((await refuse(dockerfile)).reason, reason);
    });
  }

  test('takes an image that sets ENTRYPOINT, ENV, VOLUME, HEALTHCHECK and another user, and says what has no effect', async () => {
    const sha = await box.build(
      `${BASE}RUN useradd other\nENV NODE_OPTIONS=--require=/nothing LD_PRELOAD=/nothing.so\n` +
        'VOLUME /data\nHEALTHCHECK CMD exit 1\nSTOPSIGNAL SIGSTOP\nUSER other\nENTRYPOINT ["/bin/false"]\n',
    );
    assert.equal((await findImage(box.db, sha))?.state, 'ready', box.log());
    const { logs } = await told(box);
    const notes = logs.filter(({ step }) => step === 'note').map(({ output }) => output ?? '');
    for (const word of ['ENTRYPOINT', 'NODE_OPTIONS', 'VOLUME', 'HEALTHCHECK', 'USER'])
      assert.ok(
        notes.some((note) => note.includes(word)),
        `${word} in ${notes}`,
      );
  });

  test('puts a build back when it is told to stop, and ends what runs', async () => {
    const sha = await box.ask(`${BASE}RUN echo now running; sleep 1000\n`);
    const stop = new AbortController();
    const running = box.run(await box.claim(), {}, stop.signal);
    const build = async () => (await listBuilds(box.db, sha, 1))[0];
    while (!(await build())?.step?.includes('RUN echo')) await new Promise((done) => setTimeout(done, 50));
    stop.abort();
    await running;
    assert.equal((await build())?.outcome, 'returned');
    assert.equal((await findImage(box.db, sha))?.state, 'queued');
    await box.claim(); // out of the way of other tests
  });

  test('finds the archive of a pruned image again, and builds nothing', async () => {
    const sha = await box.ask(`${BASE}RUN echo kept > /kept\n`);
    await box.run(await box.claim());
    await told(box);
    const ready = await findImage(box.db, sha);
    assert.equal(ready?.state, 'ready', box.log());
    await box.ask(`${BASE}RUN echo kept > /kept\n`);
    // As the database hands it out after a prune; the image itself is as it was.
    const { imageId, layers, imageBytes, archiveBytes, archiveSha256 } = ready ?? {};
    assert.ok(imageId && layers && imageBytes && archiveBytes && archiveSha256);
    const saved = { imageId, layers, imageBytes, archiveBytes, archiveSha256 };
    assert.equal(await box.store.has({ sha256: archiveSha256, bytes: archiveBytes }), true);
    assert.equal(await box.store.has({ sha256: archiveSha256, bytes: archiveBytes + 1 }), false);
    const { makeImage } = await import('./make-image.ts');
    const { createBuildLog } = await import('./build-log.ts');
    const build = {
      buildId: 1,
      sha,
      dockerfile: 'no Dockerfile',
      number: 2,
      leaseToken: '',
      faults: 0,
      hasFailed: false,
      saved,
    };
    const options = {
      installationId: box.installation,
      networkMode: 'none',
      allowRemoteAdd: false,
      buildSeconds: 1,
      memoryMb: 1,
      cpus: 1,
      imageBytesMax: 1,
    };
    const made = await makeImage(build, options, box.deps, createBuildLog(), AbortSignal.timeout(60_000));
    assert.deepEqual(made, {
      kind: 'ready',
      image: saved,
      timings: { buildMs: null, checkMs: null, saveMs: null },
    });
  });
});
