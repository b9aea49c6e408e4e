import { loadEnvironment } from '@orca/daemon';
import { plainLine } from '@orca/protocol';
import { createPaint, type Paint, wantsColours } from '../paint.ts';
import { watchSignals } from '../watch-signals.ts';
import { toJson } from './browse-command.ts';
import { chooseAccess } from '../orca-api/choose-access.ts';
import { followBuild } from './follow-build.ts';
import { askForBuild, findImage, type ImageDetails, type TakenBuild } from './images-api.ts';
import { createBuildPrinter } from './print-log.ts';
import { readDockerfile } from './read-dockerfile.ts';
import type { BuildOptions } from './register.ts';
import { shortSha, showSizes } from './render-images.ts';
import { elapsed, showBytes, showDuration } from './show-amounts.ts';

/** As shells have it for Ctrl-C. */
const INTERRUPTED_STATUS = 130;
const LINE_CHARACTERS_MAX = 1_000;

/**
 * `orca images build`: sends a Dockerfile and follows its build.
 *
 * @returns the exit status: 0 when the image is ready (or was asked for, with `--no-wait`), 1 when it is not, 130 when
 *   it was interrupted: the build goes on then
 * @throws {UserError} when the Dockerfile is refused, or Orca does not answer
 */
export async function runBuildImage(path: string, options: BuildOptions): Promise<number> {
  const env = loadEnvironment();
  const access = chooseAccess(options, env);
  const paint = createPaint(wantsColours(process.stdout, env));
  const write = (text: string): unknown => options.json || process.stdout.write(text);
  const dockerfile = await readDockerfile(path);
  using signals = watchSignals(() => undefined);
  let taken: TakenBuild | null = null;
  try {
    taken = await askForBuild(access, dockerfile, signals.stopping);
    write(renderTaken(taken, paint));
    const { sha } = taken;
    const isFollowed = options.wait && taken.state !== 'ready';
    const image = isFollowed
      ? await followBuild(access, sha, createBuildPrinter(write, paint), signals.stopping)
      : await findImage(access, sha, signals.stopping);
    if (options.json) process.stdout.write(toJson({ ...image, warnings: taken.warnings }));
    if (!isFollowed) {
      write(renderUnfollowed(taken, image, path));
      return 0;
    }
    write(renderOutcome(image, paint));
    return image?.state === 'ready' ? 0 : 1;
  } catch (error) {
    if (!signals.stopping.aborted || error !== signals.stopping.reason) throw error;
    if (taken !== null) process.stderr.write(renderInterrupted(taken, path));
    return INTERRUPTED_STATUS;
  }
}

function renderTaken({ sha, warnings }: TakenBuild, paint: Paint): string {
  const remarks = warnings.map(
    (warning) => `${paint('yellow', 'note')}  ${plainLine(warning, LINE_CHARACTERS_MAX)}\n`,
  );
  return `Image ${sha}\n${remarks.join('')}`;
}

function renderUnfollowed(taken: TakenBuild, image: ImageDetails | null, path: string): string {
  const bytes = image?.image_bytes ?? null;
  if (taken.state === 'ready')
    return bytes === null ? 'It is there already\n' : `It is there already, ${showBytes(bytes)}\n`;
  return `It was asked for and is ${taken.state}. ${howToLook(taken, path)}\n`;
}

/** How it ended, with what people ask next: how long, how large, or why not. */
function renderOutcome(image: ImageDetails | null, paint: Paint): string {
  const [build] = image?.build_history ?? [];
  const took = showDuration(elapsed(build?.started_at ?? null, build?.ended_at ?? null));
  switch (image?.state) {
    case 'ready': {
      const parts = [
        `build ${showDuration(build?.build_ms ?? null)}`,
        `check ${showDuration(build?.check_ms ?? null)}`,
        `saving ${showDuration(build?.save_ms ?? null)}`,
      ];
      return `${paint('green', `Ready after ${took}`)} (${parts.join(', ')}): ${showSizes(image)}\n`;
    }
    case 'failed':
      return `${paint('red', `Failed after ${took}:`)} ${plainLine(image.failure ?? 'the reason is not known', LINE_CHARACTERS_MAX)}\n`;
    default:
      return `${paint('red', 'It is not there:')} it was put away because nobody used it. Build it once more\n`;
  }
}

function renderInterrupted(taken: TakenBuild, path: string): string {
  return `\nThe build goes on without this command. ${howToLook(taken, path)}\n`;
}

function howToLook({ sha }: TakenBuild, path: string): string {
  return `"orca images show ${shortSha(sha)}" says how far it is; "orca images build ${path}" follows it again`;
}
