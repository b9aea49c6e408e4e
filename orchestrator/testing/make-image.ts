import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { claimBuild, type Database, endBuild, registerWorker } from '@orca/database';
import { makeReadyImage, SAVED_IMAGE } from '@orca/database/testing';
import { markStore } from '../store-marker.ts';

/** The body of a `POST /grader_images`, as a client sends it. */
export function imageRequest(
  dockerfile: string,
  responseUrl = 'http://course.example.edu/images/1?token=s3cret',
): { dockerfile_contents: string; dockerfile_sha_sum: string; response_url: string } {
  return {
    dockerfile_contents: dockerfile,
    dockerfile_sha_sum: shaOfText(dockerfile),
    response_url: responseUrl,
  };
}

/** The name of an image. */
export function shaOfText(dockerfile: string): string {
  return createHash('sha256').update(dockerfile).digest('hex');
}

/** An archive in a folder, and its image in the database, as the image builder leaves them. */
export async function makeArchive(
  db: Database,
  folder: string,
  bytes: Buffer = randomBytes(100_000),
): Promise<{ sha: string; file: string; archiveSha256: Buffer; bytes: Buffer }> {
  const archiveSha256 = createHash('sha256').update(bytes).digest();
  const file = path.join(folder, `${archiveSha256.toString('hex')}.tgz`);
  await writeFile(file, bytes);
  await markStore(folder);
  const dockerfile = `FROM orca-grader-base\n# ${randomUUID()}\n`;
  const image = { ...SAVED_IMAGE, archiveBytes: bytes.length, archiveSha256 };
  return { sha: await makeReadyImage(db, dockerfile, image), file, archiveSha256, bytes };
}

/** Builds the only image that is to be built, as the image builder does; nothing is built. */
export async function buildByHand(db: Database, end: 'ready' | { reason: string }): Promise<string> {
  const build = await claimBuild(db, { builderId: 'a test', leaseSeconds: 60 });
  assert.ok(build !== null, 'nothing is to be built');
  await endBuild(db, build, {
    end:
      end === 'ready'
        ? { kind: 'ready', image: SAVED_IMAGE }
        : { kind: 'failed', reason: end.reason, imageBytes: null },
    timings: { buildMs: 1, checkMs: null, saveMs: null },
    body: JSON.stringify({ was_successful: end === 'ready', logs: [] }),
  });
  return build.sha;
}

/** A worker that lives, and what it sends to be let in. */
export async function makeWorker(db: Database): Promise<{ workerId: string; authorization: string }> {
  const workerId = randomUUID();
  const token = randomBytes(32);
  const tokenHash = createHash('sha256').update(token).digest();
  await registerWorker(db, {
    ...{ workerId, tokenHash },
    hostname: 'test',
    version: '0',
    slots: 1,
    engineId: 'none',
  });
  return { workerId, authorization: `Bearer ${workerId}.${token.toString('hex')}` };
}
