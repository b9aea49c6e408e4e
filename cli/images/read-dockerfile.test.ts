import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DOCKERFILE_BYTES_MAX } from '@orca/protocol';
import { readDockerfile } from './read-dockerfile.ts';

const GOOD = 'FROM orca-grader-base\n';

test('readDockerfile() gives exactly what stands in the file, up to the limit', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-dockerfile-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'Dockerfile');
  const refuses = async (bytes: string | Buffer, says: RegExp): Promise<void> => {
    await writeFile(path, bytes);
    await assert.rejects(readDockerfile(path), { name: 'UserError', status: 2, message: says });
  };
  const largest = `${GOOD}#`.padEnd(DOCKERFILE_BYTES_MAX, 'x');
  for (const text of [GOOD, `${GOOD}RUN echo größe\r\n`, largest]) {
    await writeFile(path, text);
    assert.equal(await readDockerfile(path), text);
  }
  await refuses(`${largest}x`, /it is larger than 64 KiB/);
  await refuses(Buffer.from([...Buffer.from(GOOD), 0xff]), /it is no text in UTF-8/);
  await refuses('FROM debian\n', /^Cannot build ".*":\n {2}line 1: /);
  await refuses('', /^Cannot build/);
  await assert.rejects(readDockerfile(folder), /it is a folder/);
  await assert.rejects(readDockerfile(join(folder, 'none')), /Cannot read ".*none": there is no such file/);
});
