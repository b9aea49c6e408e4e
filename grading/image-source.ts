import type { Readable } from 'node:stream';

/** What is known of a grader image, where somebody keeps such things. */
export type ImageRecord =
  | {
      readonly kind: 'ready';
      readonly image: {
        /** The digests of its layers, the lowest first. */
        readonly layers: readonly string[];
        /** Of the compressed archive. */
        readonly archiveBytes: number;
        readonly archiveSha256: Uint8Array;
      };
    }
  /** Each engine has it under a name of its own: the base image. */
  | { readonly kind: 'everywhere' }
  /** It has to be built, or built again, before a job can run in it. */
  | { readonly kind: 'not_built' }
  | { readonly kind: 'absent' };

/** Where grader images come from. */
export interface ImageSource {
  /**
   * @param sha SHA-256 of the Dockerfile, hexadecimal
   * @throws the signal's reason when it aborts
   */
  find(sha: string, signal: AbortSignal): Promise<ImageRecord>;
  /**
   * Begins to fetch the archive of an image.
   *
   * @throws {SourceAwayError} when nobody can have any image at the moment
   * @throws {Error} that says why there is none to be had
   */
  download(sha: string, signal: AbortSignal): Promise<Readable>;
  /**
   * Takes the news that an archive came whole and damaged, again and again: so it lies there. A source that cannot have
   * images built has no use for it.
   *
   * @param archiveSha256 the one it should have had
   * @returns true: the image is built again, or was meanwhile. false: that would not help
   * @throws the signal's reason when it aborts
   */
  reportDamaged?(sha: string, archiveSha256: Uint8Array, signal: AbortSignal): Promise<boolean>;
}

/** An {@link ImageSource} cannot serve at the moment: it is worth asking later, and says nothing of the image. */
export class SourceAwayError extends Error {
  override readonly name = 'SourceAwayError';
}

/** What happens to images on this machine; for the log. */
export type ImageEvent =
  | { readonly kind: 'download_started'; readonly sha: string; readonly bytes: number }
  | { readonly kind: 'loaded'; readonly sha: string; readonly downloadMs: number; readonly loadMs: number }
  | { readonly kind: 'failed'; readonly sha: string; readonly cause: unknown };
