import type { IncomingHttpHeaders } from 'node:http';
import type { Logger } from '@orca/daemon';
import { type Database, findUsableImage, markArchiveLost, type UsableImage } from '@orca/database';
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify';
import Type from 'typebox';
import { ApiFailure } from '../api-failure.ts';
import { noteAccess } from '../openapi/route-access.ts';
import { openArchive } from '../open-archive.ts';
import { parameterOf } from '../read-parameters.ts';
import { requireWorker } from '../require-worker.ts';
import { STORE_NOT_MOUNTED } from '../store-marker.ts';

/** What the download of images needs. */
export type ImageDownloadDeps = {
  db: Database;
  log: Logger;
  /** Where saved images lie; written by the image builder only. */
  imageFolder: string;
  /** A download that has not moved for so long is given up, in milliseconds; 60 s unless a test says otherwise. */
  downloadStallMs?: number;
};

type Archive = Extract<UsableImage, { kind: 'ready' }>['image'];

const SCHEMA = {
  tags: ['images'],
  summary: 'A built image, as `<sha>.tgz`',
  params: Type.Object({
    file: Type.String({ description: 'The SHA-256 of the Dockerfile, and `.tgz`.' }),
  }),
  response: {
    200: {
      description: 'A gzipped archive, as `docker load` takes it.',
      content: { 'application/gzip': { schema: { type: 'string', contentMediaType: 'application/gzip' } } },
    },
  },
  errors: ['not_found', 'image_store_away'],
} as const satisfies FastifySchema;

const FILE_NAME = /^([0-9a-f]{64})\.tgz$/;
const PARTIAL = 206;
const STALL_MS = 60_000;
/** A disk that is not mounted waits for a person. */
const STORE_RETRY_SECONDS = 60;
/** Read at once: what a download holds in memory. */
const CHUNK_BYTES = 256 * 1024;

/**
 * `GET` and `HEAD /images/:sha.tgz`: a saved image as it lies in the folder, for workers. It may take as long as it takes,
 * as long as it moves, and goes on where it broke off (`Range`, `If-Range`).
 */
export function registerImageDownload(server: FastifyInstance, deps: ImageDownloadDeps): void {
  server.addHook('onRequest', requireWorker(deps));
  noteAccess(server, 'worker');
  const send = (request: FastifyRequest, reply: FastifyReply) => sendArchive(request, reply, deps);
  for (const path of ['/images/:file', '/api/v1/images/:file']) {
    // The framework's own HEAD would read the file to its end.
    server.route({
      method: ['GET', 'HEAD'],
      url: path,
      exposeHeadRoute: false,
      schema: SCHEMA,
      handler: send,
    });
  }
}

/**
 * @throws {ApiFailure} `not_found` when there is no such image, it is not ready, or its file is not there;
 *   `image_store_away` when the whole store is not
 */
async function sendArchive(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ImageDownloadDeps,
): Promise<FastifyReply> {
  const [, sha] = FILE_NAME.exec(parameterOf(request.params, 'file')) ?? [];
  const found = sha === undefined ? null : await findUsableImage(deps.db, sha);
  if (sha === undefined || found?.kind !== 'ready') throw noSuchImage();
  const { image } = found;
  const opened = await openArchive(deps.imageFolder, image);
  switch (opened.kind) {
    case 'open':
      break;
    case 'lost':
      await noteLoss({ sha, image, bytes: opened.bytes }, deps);
      throw noSuchImage();
    case 'no_store':
      // One disk that is not mounted must not cost every image its archive.
      deps.log.error(
        { folder: deps.imageFolder, trouble: STORE_NOT_MOUNTED },
        'the store of images is not there, no image can be sent',
      );
      throw new ApiFailure('image_store_away', [], { retryAfterSeconds: STORE_RETRY_SECONDS });
    default:
      return opened satisfies never;
  }
  const start = request.method === 'HEAD' ? 0 : startOf(request.headers, image);
  describe(reply, image, start);
  if (request.method === 'HEAD') {
    await opened.handle.close();
    return reply.send();
  }
  deps.log.info({ sha, archiveBytes: image.archiveBytes, start }, 'image is being sent');
  endWhenStalled(reply, deps.downloadStallMs ?? STALL_MS);
  // Both the stream's end and its being destroyed close the handle; a client that goes away has it destroyed.
  return reply.send(opened.handle.createReadStream({ start, highWaterMark: CHUNK_BYTES }));
}

/**
 * Where a worker wants to go on whose connection broke: `Range: bytes=N-`, with the `ETag` of what it has as `If-Range`.
 * Whatever else is asked for gets the whole, as RFC 9110 lets it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-14.2}
 */
function startOf(headers: IncomingHttpHeaders, image: Archive): number {
  const [, from] = /^bytes=(\d{1,15})-$/.exec(headers.range ?? '') ?? [];
  const isSame = headers['if-range'] === undefined || headers['if-range'] === etagOf(image);
  return from !== undefined && isSame && Number(from) < image.archiveBytes ? Number(from) : 0;
}

function etagOf({ archiveSha256 }: Archive): string {
  return `"${archiveSha256.toString('hex')}"`;
}

function describe(reply: FastifyReply, image: Archive, start: number): void {
  const { archiveBytes } = image;
  if (start > 0)
    reply.code(PARTIAL).header('content-range', `bytes ${start}-${archiveBytes - 1}/${archiveBytes}`);
  reply.headers({
    'content-type': 'application/gzip',
    'content-length': archiveBytes - start,
    etag: etagOf(image),
    'accept-ranges': 'bytes',
    // Otherwise a server that is about to end waits for an idle connection.
    connection: 'close',
  });
}

/** Node counts bytes that leave the socket, however slowly. */
function endWhenStalled({ raw }: FastifyReply, stallMs: number): void {
  raw.setTimeout(stallMs, () => void raw.destroy());
}

async function noteLoss(
  { sha, image, bytes }: { sha: string; image: Archive; bytes: number | null },
  { db, log }: ImageDownloadDeps,
): Promise<void> {
  const isNoted = await markArchiveLost(db, { sha, archiveSha256: image.archiveSha256 });
  const facts = { sha, foundBytes: bytes, archiveBytes: image.archiveBytes };
  // Otherwise it was built again meanwhile: the next request finds the new one.
  if (isNoted) log.warn(facts, 'the archive of an image is lost, it is built again when a job needs it');
}

function noSuchImage(): ApiFailure {
  return new ApiFailure('not_found', ['No image with this name is there to be downloaded']);
}
