import { createHash } from 'node:crypto';
import type { Queries } from '../connect.ts';
import { sqlFile } from '../sql-blocks.ts';

const sql = sqlFile(import.meta.url, 'request-image.sql');

/** Somebody who wants a grader image. */
export type ImageRequest = {
  /** SHA-256 of the Dockerfile, hexadecimal; checked by the caller. */
  sha: string;
  dockerfile: string;
  /** Who is POSTed the outcome of the build; `null`: nobody. */
  recipient: { client: string; responseUrl: string } | null;
  /** For people: the client, or the name of the key. */
  askedBy: string;
};

/**
 * Asks for an image to be built. One that is there, or under way, is not built twice; whoever asked while it was not there
 * is told how its build ends. One whose last build failed, or that was pruned, is built again.
 *
 * The caller tells the builders ({@link notifyImages}) afterwards.
 *
 * @returns `ready` when it is there already: nobody will be told anything
 * @throws {DatabaseError} `outcome_unknown`: the same once more is harmless
 */
export async function requestImage(
  db: Queries,
  { sha, dockerfile, recipient, askedBy }: ImageRequest,
): Promise<'queued' | 'building' | 'ready'> {
  const identity = createHash('sha256')
    .update(JSON.stringify(recipient === null ? [askedBy] : [recipient.client, recipient.responseUrl]))
    .digest();
  const [image] = await db.query<{ state: 'queued' | 'building' | 'ready' }>(sql('request_image'), [
    ...[sha, dockerfile, identity, askedBy],
    ...[recipient?.responseUrl ?? null, recipient?.client ?? null],
  ]);
  if (image === undefined) throw new Error('Cannot ask for an image: the statement gave no row');
  return image.state;
}
