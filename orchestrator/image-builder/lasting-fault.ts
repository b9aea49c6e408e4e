import type { Engine } from '@orca/docker';
import { BaseGoneError, isBaseGone } from './base-image.ts';
import { StoreFullError } from './image-store.ts';
import { NoteError } from './pulled-images.ts';

/** What a build can meet that lasts until somebody mends it: no build is begun meanwhile, and none pays for it. */
export type LastingFault = StoreFullError | BaseGoneError | NoteError;

/** What the log says of a build that met it. */
export const PUT_BACK_FOR = {
  StoreFullError: 'image build put back: there is no room to save it',
  BaseGoneError: 'image build put back: the base image is gone',
  NoteError: 'image build put back: what it fetches cannot be noted',
} as const satisfies Record<LastingFault['name'], string>;

/** Whether it is such a fault. */
export function isLasting(error: unknown): error is LastingFault {
  return error instanceof StoreFullError || error instanceof BaseGoneError || error instanceof NoteError;
}

/**
 * Finds what hindered a build.
 *
 * @param error what it ended with, through no fault of its Dockerfile
 * @returns that; or that the base image is gone, which shows in many ways, such as a trial that finds no image
 */
export async function findHindrance(error: unknown, engine: Engine, signal: AbortSignal): Promise<unknown> {
  if (signal.aborted || isLasting(error)) return error;
  return (await isBaseGone(engine, signal)) ? new BaseGoneError(error) : error;
}
