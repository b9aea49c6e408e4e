import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';

/** A file of a build's context. */
export interface ContextFile {
  /** Its path in the context. */
  readonly name: string;
  /** Its bytes, or where they lie on the disk. */
  readonly content: string | Buffer | { readonly path: string };
  /** Such as 0o755; 0o644 when left out. */
  readonly mode?: number;
}

const DEFAULT_MODE = 0o644;

// The classic builder's cache looks at times too; with a fixed one the same files are the same context.
const FIXED_TIME = new Date(0);

/**
 * Packs files as a tar stream for {@link buildImage}; files on the disk are streamed, never held whole.
 *
 * @returns the stream; it fails when a file cannot be read
 */
export function packContext(files: readonly ContextFile[]): Readable {
  const archive = pack();
  const fill = async (): Promise<void> => {
    for (const { name, content, mode = DEFAULT_MODE } of files) {
      const isOnDisk = typeof content === 'object' && 'path' in content;
      const bytes = isOnDisk ? (await stat(content.path)).size : Buffer.byteLength(content);
      const entry = archive.entry({ name, mode, size: bytes, mtime: FIXED_TIME });
      await pipeline(
        isOnDisk ? createReadStream(content.path) : Readable.from([Buffer.from(content)]),
        entry,
      );
    }
    archive.finalize();
  };
  const stream = Readable.from(archive, { objectMode: false });
  fill().catch((error: Error) => stream.destroy(error));
  return stream;
}
