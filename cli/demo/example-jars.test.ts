import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import { REPOSITORY } from '../repository.ts';

const JARS = join(REPOSITORY.examples, 'java-junit/jars');
const CENTRAL_HEADER = Buffer.from('PK\x01\x02');
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const DEFLATED = 8;

/** The entries of a jar with their contents; enough of the format for what `jars/build.sh` writes. */
function readJar(jar: Buffer): Map<string, Buffer> {
  const entries = new Map<string, Buffer>();
  let at = jar.indexOf(CENTRAL_HEADER);
  while (at >= 0) {
    const nameEnd = at + CENTRAL_BYTES + jar.readUInt16LE(at + 28);
    const local = jar.readUInt32LE(at + 42);
    const start = local + LOCAL_BYTES + jar.readUInt16LE(local + 26) + jar.readUInt16LE(local + 28);
    const packed = jar.subarray(start, start + jar.readUInt32LE(at + 20));
    const isDeflated = jar.readUInt16LE(at + 10) === DEFLATED;
    const name = jar.toString('utf8', at + CENTRAL_BYTES, nameEnd);
    entries.set(name, isDeflated ? inflateRawSync(packed) : packed);
    at = jar.indexOf(CENTRAL_HEADER, nameEnd);
  }
  return entries;
}

for (const name of ['annotations', 'tap-runner'])
  test(`${name}.jar of the Java example was made from the sources beside it`, async () => {
    const entries = readJar(await readFile(join(JARS, `${name}.jar`)));
    const sources = globSync('**/*.java', { cwd: join(JARS, name) }).sort();
    assert.ok(sources.length > 0);
    const expected = sources.flatMap((source) => [source.replace(/java$/, 'class'), source]);
    assert.deepEqual([...entries.keys()].sort(), expected.sort(), 'jars/build.sh makes it anew');
    for (const source of sources) {
      const beside = await readFile(join(JARS, name, source));
      assert.ok(entries.get(source)?.equals(beside), `${source} has changed: jars/build.sh makes it anew`);
    }
  });
