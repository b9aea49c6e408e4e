import {
  BUILD_LOG_PIECES_MAX,
  type Database,
  findBuild,
  findImage,
  findImageDemand,
  type ListedBuild,
  type ListedImage,
  listBuilds,
  listImages,
  readBuildLog,
} from '@orca/database';
import { BuildLogSchema, ImageListSchema, ShaSchema, ShownImageSchema } from '@orca/protocol';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { ApiFailure } from '../api-failure.ts';
import { type Caller, mayActFor } from '../authenticate.ts';
import { parameterOf, queryNumber, shaOf, wholeNumberOf } from '../read-parameters.ts';
import { callerOf, requireStaff } from '../require-caller.ts';

const PAGE = { min: 1, max: 50, otherwise: 50 } as const;
const OFFSET = { min: 0, max: 10_000, otherwise: 0 } as const;
/** The number of the piece of a log that was read last. */
const AFTER = { min: 0, max: Number.MAX_SAFE_INTEGER, otherwise: 0 } as const;
/** Builds of one image that are shown, the last ones. */
const BUILDS_SHOWN_MAX = 50;

const LIST_SCHEMA = {
  tags: ['images'],
  summary: 'Lists grader images, those that were asked for last first',
  querystring: Type.Object({
    limit: Type.Optional(Type.Integer({ minimum: PAGE.min, maximum: PAGE.max, default: PAGE.otherwise })),
    offset: Type.Optional(
      Type.Integer({ minimum: OFFSET.min, maximum: OFFSET.max, default: OFFSET.otherwise }),
    ),
  }),
  response: { 200: ImageListSchema },
  errors: ['invalid_request'],
} as const satisfies FastifySchema;
const IMAGE_SCHEMA = {
  tags: ['images'],
  summary: 'Shows a grader image with its Dockerfile and its builds',
  params: Type.Object({ sha: ShaSchema }),
  response: { 200: ShownImageSchema },
  errors: ['invalid_request', 'not_found'],
} as const satisfies FastifySchema;
const LOG_SCHEMA = {
  tags: ['images'],
  summary: "Reads a build's log, from a piece on",
  params: Type.Object({ sha: ShaSchema, number: Type.Integer({ minimum: 1 }) }),
  querystring: Type.Object({
    after: Type.Optional(
      Type.Integer({ minimum: 0, default: 0, description: 'The piece that was read last.' }),
    ),
  }),
  response: { 200: BuildLogSchema },
  errors: ['invalid_request', 'not_found'],
} as const satisfies FastifySchema;

/** What people look at: all images (staff), one image with its builds, a build's log. */
export function registerBrowseImages(server: FastifyInstance, { db }: { db: Database }): void {
  server.get('/grader_images', { onRequest: requireStaff, schema: LIST_SCHEMA }, async ({ query }) => {
    const page = { limit: queryNumber(query, 'limit', PAGE), offset: queryNumber(query, 'offset', OFFSET) };
    const { images, total } = await listImages(db, page);
    return { images: images.map(shownImage), total };
  });
  server.get('/grader_images/:sha', { schema: IMAGE_SCHEMA }, (request) =>
    showImage(db, { sha: shaOf(request.params), caller: callerOf(request) }),
  );
  server.get('/grader_images/:sha/builds/:number/log', { schema: LOG_SCHEMA }, ({ params, query }) => {
    const number = wholeNumberOf('number', parameterOf(params, 'number'));
    return showLog(db, { sha: shaOf(params), number, after: queryNumber(query, 'after', AFTER) });
  });
}

/** @throws {ApiFailure} `not_found` when nobody has ever posted its Dockerfile */
async function showImage(db: Database, { sha, caller }: { sha: string; caller: Caller }) {
  const image = await findImage(db, sha);
  if (image === null) throw noSuchImage(sha);
  const { heldJobs, askedBy } = await findImageDemand(db, sha);
  const builds = await listBuilds(db, sha, BUILDS_SHOWN_MAX);
  return {
    ...shownImage({ ...image, heldJobs, askedBy: askedBy.filter((name) => maySee(caller, name)) }),
    dockerfile_contents: image.dockerfile,
    build_history: builds.map(shownBuild),
  };
}

/** An image belongs to all, but which other clients use it is their own affair. */
function maySee(caller: Caller, askedBy: string): boolean {
  return caller.role !== 'client' || caller.name === askedBy || mayActFor(caller, askedBy);
}

/**
 * Whether the build is over is asked first: whatever was logged before is among the pieces then.
 *
 * @throws {ApiFailure} `not_found` when there is no such build, or it is not kept any more
 */
async function showLog(db: Database, read: { sha: string; number: number; after: number }) {
  const build = await findBuild(db, read);
  if (build === null) throw new ApiFailure('not_found', [`Image "${read.sha}" has no build ${read.number}`]);
  const pieces = await readBuildLog(db, { buildId: build.buildId, after: read.after });
  return { pieces, is_over: build.isOver && pieces.length < BUILD_LOG_PIECES_MAX };
}

function noSuchImage(sha: string): ApiFailure {
  return new ApiFailure('not_found', [`No image "${sha}" is known; POST its Dockerfile`]);
}

function shownImage(image: ListedImage) {
  return {
    sha: image.sha,
    state: image.state,
    failure: image.failure,
    builds: image.builds,
    image_bytes: image.imageBytes,
    archive_bytes: image.archiveBytes,
    requested_at: image.requestedAt,
    ready_at: image.readyAt,
    last_used_at: image.lastUsedAt,
    held_jobs: image.heldJobs,
    asked_by: image.askedBy,
  };
}

function shownBuild(build: ListedBuild) {
  return {
    id: build.buildId,
    number: build.number,
    builder: build.builder,
    started_at: build.startedAt,
    ended_at: build.endedAt,
    outcome: build.outcome,
    reason: build.reason,
    step: build.step,
    log_bytes: build.logBytes,
    build_ms: build.buildMs,
    check_ms: build.checkMs,
    save_ms: build.saveMs,
    image_bytes: build.imageBytes,
    archive_bytes: build.archiveBytes,
  };
}
