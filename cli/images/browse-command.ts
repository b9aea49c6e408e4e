import { loadEnvironment } from '@orca/daemon';
import { createPaint, wantsColours } from '../paint.ts';
import { USAGE_STATUS, UserError } from '../user-error.ts';
import { chooseAccess, type OrcaAccess } from '../orca-api/choose-access.ts';
import { findImage, listImages } from './images-api.ts';
import type { ImagesOptions } from './register.ts';
import { renderImage, renderImages } from './render-images.ts';

const WHOLE_SHA = 64;
const SHOWN_MAX = 5;
const never = new AbortController().signal;

/**
 * `orca images`: lists grader images.
 *
 * @returns the exit status
 * @throws {UserError} when it cannot be done
 */
export async function runListImages(options: ImagesOptions): Promise<number> {
  const env = loadEnvironment();
  const list = await listImages(chooseAccess(options, env), never);
  const paint = createPaint(wantsColours(process.stdout, env));
  process.stdout.write(options.json ? toJson(list) : renderImages(list, { paint, now: Date.now() }));
  return 0;
}

/**
 * `orca images show`: one image, with its builds and its Dockerfile.
 *
 * @param sha its SHA-256, or a beginning of it that no other image has
 * @returns the exit status
 * @throws {UserError} when there is no such image, or more than one
 */
export async function runShowImage(sha: string, options: ImagesOptions): Promise<number> {
  const env = loadEnvironment();
  const access = chooseAccess(options, env);
  const image = await findImage(access, await completeSha(sha, access), never);
  if (image === null) throw noSuchImage(sha);
  const paint = createPaint(wantsColours(process.stdout, env));
  process.stdout.write(options.json ? toJson(image) : renderImage(image, { paint, now: Date.now() }));
  return 0;
}

/** What `--json` prints: one value on one line. */
export function toJson(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

async function completeSha(text: string, access: OrcaAccess): Promise<string> {
  const prefix = text.toLowerCase();
  if (!/^[0-9a-f]{1,64}$/.test(prefix))
    throw new UserError(
      `Cannot look for image "${text}": it must be a SHA-256, or a beginning of one, hexadecimal`,
      { status: USAGE_STATUS },
    );
  if (prefix.length === WHOLE_SHA) return prefix;
  const { images } = await listImages(access, never);
  const found = images.map((image) => image.sha).filter((sha) => sha.startsWith(prefix));
  const [only, ...more] = found;
  if (only === undefined) throw noSuchImage(text);
  if (more.length > 0)
    throw new UserError(
      `Cannot tell which image "${text}" is: ${found.length} begin so, such as ${found.slice(0, SHOWN_MAX).join(', ')}`,
    );
  return only;
}

function noSuchImage(sha: string): UserError {
  return new UserError(
    `Cannot find image "${sha}": nobody has asked for it. "orca images" lists those there are`,
  );
}
