import { createHash } from 'node:crypto';
import type { Database } from '../connect.ts';
import { claimBuild, type SavedImage } from '../images/claim-build.ts';
import { endBuild } from '../images/end-build.ts';
import { requestImage } from '../images/request-image.ts';

/** What a saved image may look like. */
export const SAVED_IMAGE: SavedImage = {
  imageId: `sha256:${'1'.repeat(64)}`,
  layers: [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`],
  imageBytes: 600_000_000,
  archiveBytes: 200_000_000,
  archiveSha256: Buffer.alloc(32, 7),
};

/**
 * Makes an image known and ready, as a builder would; nothing is built. For a database where nothing else is to be built.
 *
 * @returns the SHA-256 of its Dockerfile
 */
export async function makeReadyImage(
  db: Database,
  dockerfile: string,
  image: SavedImage = SAVED_IMAGE,
): Promise<string> {
  const sha = createHash('sha256').update(dockerfile).digest('hex');
  await requestImage(db, { sha, dockerfile, recipient: null, askedBy: 'a test' });
  const build = await claimBuild(db, { builderId: 'a test', leaseSeconds: 60 });
  if (build?.sha !== sha) throw new Error('Cannot make an image ready: another one is to be built first');
  const timings = { buildMs: 1, checkMs: 1, saveMs: 1 };
  await endBuild(db, build, { end: { kind: 'ready', image }, timings, body: '{}' });
  return sha;
}
