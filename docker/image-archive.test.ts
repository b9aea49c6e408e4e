import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { loadImage, saveImage } from './image-archive.ts';
import { answerWith, startFakeEngine } from './testing/fake-engine.ts';

const TAR_END = Buffer.alloc(1024);
const inTime = (): AbortSignal => AbortSignal.timeout(10_000);

describe('saveImage()', () => {
  async function saveWith(answer: (response: ServerResponse) => void): Promise<Buffer> {
    await using fake = await startFakeEngine((_request, response) => answer(response));
    return await buffer(await saveImage(fake.engine, 'sha256:1', inTime()));
  }

  test('hands out the archive as it is, however it is cut', async () => {
    const archive = Buffer.concat([Buffer.from('tar'), TAR_END]);
    for (const at of [0, 1, 3, 500, archive.length]) {
      const got = await saveWith((response) => {
        response.write(archive.subarray(0, at));
        response.end(archive.subarray(at));
      });
      assert.deepEqual(got, archive);
    }
  });

  test('fails with engine_unreachable when the engine breaks off, also behind a whole archive', async () => {
    const cut = (response: ServerResponse): void =>
      void response.write(TAR_END, () => response.socket?.destroySoon());
    await assert.rejects(saveWith(cut), { code: 'engine_unreachable' });
  });

  test('fails with engine_answer_invalid for an archive without an end, saying what stands there', async () => {
    const message = '{"errorDetail":{"message":"no space left on device"}}';
    await assert.rejects(
      saveWith((response) => response.end(Buffer.concat([TAR_END, Buffer.from(message)]))),
      { code: 'engine_answer_invalid', message: /no space left on device/ },
    );
    for (const bytes of [0, 1, TAR_END.length - 1]) {
      await assert.rejects(
        saveWith((response) => response.end(TAR_END.subarray(0, bytes))),
        { code: 'engine_answer_invalid' },
      );
    }
  });

  test("fails with the signal's reason, and closes the connection when it is destroyed", async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const closed: Promise<unknown>[] = [];
    await using fake = await startFakeEngine((_request, response) => {
      closed.push(once(response, 'close'));
      response.write('x');
    });
    const aborted = await saveImage(fake.engine, 'sha256:1', stop.signal);
    aborted.once('data', () => stop.abort(reason));
    await assert.rejects(buffer(aborted), (error) => error === reason);
    (await saveImage(fake.engine, 'sha256:1', inTime())).destroy();
    assert.equal(closed.length, 2);
    await Promise.all(closed);
  });
});

describe('loadImage()', () => {
  const archive = (): Readable => Readable.from([Buffer.from('tar')], { objectMode: false });

  async function loadWith(said: readonly unknown[], isCut = false): Promise<string[]> {
    await using fake = await startFakeEngine(({ url = '' }, response) => {
      if (url.endsWith('/images/load?quiet=1')) return answerWith(response, said, isCut);
      const reference = decodeURIComponent(/\/images\/(.+)\/json$/.exec(url)?.[1] ?? '');
      if (reference === 'gone:1') return response.writeHead(404).end('{}');
      const id = reference.startsWith('sha256:') ? reference : `sha256:id-of-${reference}`;
      return response.end(JSON.stringify({ Id: id, Size: 1 }));
    });
    return (await loadImage(fake.engine, archive(), inTime())).ids;
  }
  const said = (...texts: string[]): unknown[] => texts.map((stream) => ({ stream }));

  test('finds ids and names, each image once, however the text is cut', async () => {
    assert.deepEqual(await loadWith(said('Loaded image ID: sha256:1\n')), ['sha256:1']);
    const both = said(
      'The image a:1 already exists\n',
      'Loaded image: 127.0.0.1:5/a',
      ':1\nLoaded image ID: sha256:2\n',
    );
    assert.deepEqual(await loadWith([...both, ...both]), ['sha256:id-of-127.0.0.1:5/a:1', 'sha256:2']);
    assert.deepEqual(await loadWith(said('Loaded image: gone:1\n', 'Loaded image: b:1')), [
      'sha256:id-of-b:1',
    ]);
  });

  test('throws engine_answer_invalid when no image is named, or none that is there', async () => {
    for (const messages of [[], said('hello'), said('Loaded image: gone:1\n'), [{ stream: 7 }, null]]) {
      await assert.rejects(loadWith(messages), { code: 'engine_answer_invalid' });
    }
    const endless = said(...Array.from({ length: 20 }, () => 'x'.repeat(100_000)));
    await assert.rejects(loadWith(endless), { code: 'engine_answer_invalid', message: /too many/ });
  });

  test('throws engine_refused with the error in the stream, engine_unreachable when that breaks off', async () => {
    const message = { errorDetail: { message: 'no space left on device' } };
    await assert.rejects(loadWith([message]), { code: 'engine_refused', reason: 'no space left on device' });
    await assert.rejects(loadWith(said('Loaded image ID: sha256:1\n'), true), { code: 'engine_unreachable' });
  });

  test('throws what its archive fails with', async () => {
    await using fake = await startFakeEngine((_request, response) => answerWith(response, []));
    const reason = new Error('the download broke off');
    const broken = new Readable({ read: () => broken.destroy(reason) });
    await assert.rejects(loadImage(fake.engine, broken, inTime()), (error) => error === reason);
  });
});
