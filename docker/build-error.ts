import { EngineError } from './engine-error.ts';

/** Why an engine that works did not build an image. */
export type BuildFailure =
  /** No step was tried: the Dockerfile cannot be parsed. */
  | { readonly kind: 'dockerfile_refused'; readonly reason: string }
  /**
   * A step failed. `exitCode` is that of the command of a `RUN`; `null` when something else failed: a file to copy is not
   * there, a base image is not there and cannot be pulled, a shell is missing, but a full disk and a container that could
   * not be made too, which are nobody's fault. An engine that is being stopped kills the command: 137.
   */
  | { readonly kind: 'step_failed'; readonly reason: string; readonly exitCode: number | null };

/** A build that the engine did, and that failed; every other {@link EngineError} of a build means the engine itself. */
export class BuildError extends EngineError {
  override readonly name = 'BuildError';
  readonly failure: BuildFailure;

  constructor(message: string, failure: BuildFailure, details: { status: number; cause?: unknown }) {
    super('engine_refused', message, { ...details, reason: failure.reason });
    this.failure = failure;
  }
}
