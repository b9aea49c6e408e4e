import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { checkTarEnd, TAR_BLOCK_BYTES } from './tar-end.ts';

/** Feeds a large tar archive to what takes it apart, piece by piece. */
export async function feedTar(
  archive: string,
  compression: 'none' | 'gzip',
  entries: NodeJS.WritableStream,
): Promise<void> {
  if (compression === 'gzip') await pipeline(createReadStream(archive), createGunzip(), requireEnd, entries);
  else await pipeline(createReadStream(archive), requireEnd, entries);
}

async function* requireEnd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let last: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    last = Buffer.concat([last, chunk.subarray(-TAR_BLOCK_BYTES)]).subarray(-TAR_BLOCK_BYTES);
    yield chunk;
  }
  checkTarEnd(last);
}
