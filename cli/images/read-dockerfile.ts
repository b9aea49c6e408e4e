import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { checkDockerfile, DOCKERFILE_BYTES_MAX } from '@orca/protocol';
import { USAGE_STATUS, UserError } from '../user-error.ts';

const REASONS: ReadonlyMap<unknown, string> = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder; name the Dockerfile in it'],
  ['EACCES', 'this user may not read it'],
]);
const PATH_IN_REQUEST = /^dockerfile_contents: /;

/**
 * Reads a Dockerfile and checks it here, so that what is wrong is told without a server.
 *
 * @returns its text, a byte-order mark included: its checksum is that of the file
 * @throws {UserError} with the status of wrong usage, and a sentence for a file that cannot be read, or for each thing that is wrong in it
 */
export async function readDockerfile(path: string): Promise<string> {
  const bytes = await readSome(path);
  if (bytes.length > DOCKERFILE_BYTES_MAX)
    throw new UserError(
      `Cannot build "${path}": it is larger than ${DOCKERFILE_BYTES_MAX / 1024} KiB, the most that a Dockerfile may have`,
      { status: USAGE_STATUS },
    );
  const text = decode(bytes, path);
  // Whether ADD may fetch from elsewhere is up to the operator, so the server says it.
  const { errors } = checkDockerfile(text, { allowRemoteAdd: true });
  if (errors.length > 0)
    throw new UserError(
      `Cannot build "${path}":\n${errors.map((error) => `  ${error.replace(PATH_IN_REQUEST, '')}`).join('\n')}`,
      { status: USAGE_STATUS },
    );
  return text;
}

/** The file, or one byte more than is allowed of it: it may be a pipe without an end. */
async function readSome(path: string): Promise<Buffer> {
  try {
    return await buffer(createReadStream(path, { end: DOCKERFILE_BYTES_MAX }));
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
    throw new UserError(`Cannot read "${path}": ${REASONS.get(code) ?? `it cannot be read (${code})`}`, {
      cause,
      status: USAGE_STATUS,
    });
  }
}

function decode(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new UserError(`Cannot build "${path}": it is no text in UTF-8`, { cause, status: USAGE_STATUS });
  }
}
