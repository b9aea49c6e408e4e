import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { findImage } from '@orca/database';
import { buildImage, inspectImage, listImages, packContext, removeImage } from '@orca/docker';
import { openTestBuilder, type TestBuilder } from '../testing/build-images.ts';

const BASE = 'FROM orca-grader-base';

describe('runBuild() of several stages', () => {
  let box: TestBuilder;
  before(async () => {
    box = await openTestBuilder();
  });
  after(() => box[Symbol.asyncDispose]());

  /** Why it is refused; `null` when it is built. */
  async function build(dockerfile: string): Promise<string | null> {
    const image = await findImage(box.db, await box.build(dockerfile));
    assert.ok(image?.state === 'ready' || image?.state === 'failed', box.log());
    return image.failure;
  }

  test('refuses an image that brings instructions of its own', async () => {
    const tag = `onbuild.example/${randomUUID()}:1`;
    const content = 'FROM scratch\nONBUILD RUN true\n';
    const context = packContext([{ name: 'Dockerfile', content }]);
    const request = { context, dockerfile: 'Dockerfile', tag };
    await buildImage(box.engine, request, () => undefined, AbortSignal.timeout(60_000));
    try {
      const reason = await build(`FROM ${tag} AS a\n${BASE}\n`);
      assert.match(reason ?? '', /^Cannot build the image: "onbuild\.example\/.*: ONBUILD RUN true\. Begin/);
    } finally {
      await removeImage(box.engine, tag);
    }
  });

  test('tells that a registry has no such image', async () => {
    const reason = await build(`FROM 127.0.0.1:1/x AS a\n${BASE}\n`);
    assert.match(reason ?? '', /^Cannot build the image: FROM 127\.0\.0\.1:1\/x: .*refused/);
  });

  for (const [what, end, reason] of [
    ['is built', 'RUN true', null],
    ['fails', 'RUN exit 7', /non-zero code: 7/],
  ] as const) {
    test(`leaves no layer of its earlier stages when it ${what}`, async () => {
      const mark = `ORCA_TEST_MARK=${randomUUID()}`;
      const made = `${BASE} AS a\nENV ${mark}\nRUN echo a > /a\nFROM a AS b\nRUN echo b > /b\n`;
      const found = await build(`${made}FROM scratch AS c\n${BASE}\nCOPY --from=b /b /b\n${end}\n`);
      if (reason === null) assert.equal(found, null);
      else assert.match(found ?? '', reason);
      const left: string[] = [];
      for (const { id } of await listImages(box.engine, { dangling: true }))
        if ((await inspectImage(box.engine, id))?.env.includes(mark)) left.push(id);
      assert.deepEqual(left, []);
      assert.ok(await inspectImage(box.engine, 'orca-grader-base:latest'));
    });
  }
});
