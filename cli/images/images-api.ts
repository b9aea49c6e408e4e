import { fieldOf, listOf, numberOf, textOf, textsOf } from '../json-fields.ts';
import { UserError } from '../user-error.ts';
import { callOrca } from '../orca-api/call-orca.ts';
import type { OrcaAccess } from '../orca-api/choose-access.ts';

/** A grader image, with the names that the API gives. */
export interface ImageEntry {
  readonly sha: string;
  /** `queued`, `building`, `ready`, `failed`, `pruned`. */
  readonly state: string;
  readonly failure: string | null;
  /** How often a build was begun. */
  readonly builds: number;
  readonly image_bytes: number | null;
  readonly archive_bytes: number | null;
  readonly requested_at: string | null;
  readonly ready_at: string | null;
  readonly last_used_at: string | null;
  /** Jobs that wait for it. */
  readonly held_jobs: number;
  readonly asked_by: readonly string[];
}

/** One build of an image. */
export interface BuildEntry {
  readonly number: number;
  readonly builder: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** `ready`, `failed`, `returned`, `lost`; `null` while it runs. */
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly step: string | null;
  readonly log_bytes: number;
  readonly build_ms: number | null;
  readonly check_ms: number | null;
  readonly save_ms: number | null;
}

/** An image with its story. */
export interface ImageDetails extends ImageEntry {
  readonly dockerfile_contents: string;
  /** The newest first. */
  readonly build_history: readonly BuildEntry[];
}

/** What a build printed. Untrusted. */
export interface LogPiece {
  readonly piece: number;
  readonly step: string;
  readonly output: string;
}

/** A request for a build that was taken. */
export interface TakenBuild {
  readonly message: string;
  readonly sha: string;
  /** `queued`, `building`, `ready`. */
  readonly state: string;
  readonly warnings: readonly string[];
}

const keyNeeds = 'of the role staff or admin';
const PAGE = 50;
/** The API refuses to page further. */
const OFFSET_MAX = 10_000;

/** All images, those that were asked for last first, as far as the API pages; `total` counts all. */
export async function listImages(
  access: OrcaAccess,
  signal: AbortSignal,
): Promise<{ images: ImageEntry[]; total: number }> {
  const images: ImageEntry[] = [];
  for (let offset = 0; ; offset += PAGE) {
    const path = `/grader_images?limit=${PAGE}&offset=${offset}`;
    const json = await callOrca(
      access,
      { method: 'GET', path, purpose: 'list the images', keyNeeds },
      signal,
    );
    const total = numberOf(json, 'total');
    if (total === null) throw noOrca(access);
    const page = listOf(json, 'images').map(readImage);
    images.push(...page);
    if (page.length < PAGE || images.length >= total || offset + PAGE > OFFSET_MAX) return { images, total };
  }
}

/** @returns `null` when nobody has ever asked for it */
export async function findImage(
  access: OrcaAccess,
  sha: string,
  signal: AbortSignal,
): Promise<ImageDetails | null> {
  const call = {
    method: 'GET',
    path: `/grader_images/${sha}`,
    purpose: 'look at the image',
    keyNeeds,
  } as const;
  const json = await callOrca(access, call, signal);
  if (json === null) return null;
  return {
    ...readImage(json),
    dockerfile_contents: textOf(json, 'dockerfile_contents') ?? '',
    build_history: listOf(json, 'build_history').map(readBuild),
  };
}

/**
 * Reads on in the log of a build.
 *
 * @param from.after the piece that was read last; 0 at the beginning
 * @returns `isOver`: there will be no more than these; a log that is not kept any more is over
 */
export async function readLog(
  access: OrcaAccess,
  from: { readonly sha: string; readonly number: number; readonly after: number },
  signal: AbortSignal,
): Promise<{ pieces: LogPiece[]; isOver: boolean }> {
  const path = `/grader_images/${from.sha}/builds/${from.number}/log?after=${from.after}`;
  const json = await callOrca(
    access,
    { method: 'GET', path, purpose: "read the build's log", keyNeeds },
    signal,
  );
  if (json === null) return { pieces: [], isOver: true };
  const pieces = listOf(json, 'pieces').map((piece) => ({
    piece: numberOf(piece, 'piece') ?? 0,
    step: textOf(piece, 'step') ?? '',
    output: textOf(piece, 'output') ?? '',
  }));
  return { pieces, isOver: fieldOf(json, 'is_over') === true };
}

/**
 * Asks for an image to be built; nobody is POSTed about how that ends.
 *
 * @throws {UserError} with Orca's sentences when the Dockerfile is refused
 */
export async function askForBuild(
  access: OrcaAccess,
  dockerfile: string,
  signal: AbortSignal,
): Promise<TakenBuild> {
  const body = { json: { dockerfile_contents: dockerfile } };
  const call = {
    method: 'POST',
    path: '/grader_images/builds',
    body,
    purpose: 'ask for the build',
    keyNeeds,
  } as const;
  const json = await callOrca(access, call, signal);
  const sha = textOf(json, 'sha');
  const state = textOf(json, 'state');
  if (sha === null || state === null) throw noOrca(access);
  return { message: textOf(json, 'message') ?? '', sha, state, warnings: textsOf(json, 'warnings') };
}

/** What Orca says about an image to a person. */
export async function imageSentenceOf(access: OrcaAccess, sha: string, signal: AbortSignal): Promise<string> {
  const call = {
    method: 'GET',
    path: `/grader_images/status/${sha}`,
    purpose: 'ask for the image',
    keyNeeds,
  } as const;
  const json = await callOrca(access, call, signal);
  if (typeof json !== 'string') throw noOrca(access);
  return json;
}

function readImage(json: unknown): ImageEntry {
  return {
    sha: textOf(json, 'sha') ?? '',
    state: textOf(json, 'state') ?? '',
    failure: textOf(json, 'failure'),
    builds: numberOf(json, 'builds') ?? 0,
    image_bytes: numberOf(json, 'image_bytes'),
    archive_bytes: numberOf(json, 'archive_bytes'),
    requested_at: textOf(json, 'requested_at'),
    ready_at: textOf(json, 'ready_at'),
    last_used_at: textOf(json, 'last_used_at'),
    held_jobs: numberOf(json, 'held_jobs') ?? 0,
    asked_by: textsOf(json, 'asked_by'),
  };
}

function readBuild(json: unknown): BuildEntry {
  return {
    number: numberOf(json, 'number') ?? 0,
    builder: textOf(json, 'builder') ?? '',
    started_at: textOf(json, 'started_at'),
    ended_at: textOf(json, 'ended_at'),
    outcome: textOf(json, 'outcome'),
    reason: textOf(json, 'reason'),
    step: textOf(json, 'step'),
    log_bytes: numberOf(json, 'log_bytes') ?? 0,
    build_ms: numberOf(json, 'build_ms'),
    check_ms: numberOf(json, 'check_ms'),
    save_ms: numberOf(json, 'save_ms'),
  };
}

function noOrca({ server }: OrcaAccess): UserError {
  return new UserError(`Cannot use ${server}: what answers there is no Orca of this version`);
}
