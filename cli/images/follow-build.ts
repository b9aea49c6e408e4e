import { sleep } from '@orca/daemon';
import { plainLine } from '@orca/protocol';
import { UserError } from '../user-error.ts';
import { OrcaAwayError } from '../orca-api/call-orca.ts';
import type { OrcaAccess } from '../orca-api/choose-access.ts';
import { type BuildEntry, findImage, type ImageDetails, imageSentenceOf, readLog } from './images-api.ts';
import type { BuildPrinter } from './print-log.ts';

const POLL_MS = 500;
/** A server that is started again is back by then. */
const AWAY_MAX_MS = 120_000;
const REASON_CHARACTERS_MAX = 500;
const ENDED: ReadonlySet<string> = new Set(['ready', 'failed', 'pruned']);

/** How far the log of a build has been read. */
interface Followed {
  readonly number: number;
  after: number;
}

/**
 * Follows an image until it is built or has failed to: says what state it is in, and prints the log of its builds as
 * they go on. A build that is interrupted is followed by the next; a server that is away for a while is waited for.
 *
 * @returns the image as it is in the end
 * @throws {UserError} when the server does not come back, or does not know the image any more
 * @throws the signal's reason when it aborts
 */
export async function followBuild(
  access: OrcaAccess,
  sha: string,
  printer: BuildPrinter,
  signal: AbortSignal,
): Promise<ImageDetails> {
  const story = createStory(access, sha, printer, signal);
  for (let awaySince: number | null = null; ; ) {
    try {
      const image = await story.lookOnce();
      if (ENDED.has(image.state)) return image;
      awaySince = null;
    } catch (error) {
      if (!(error instanceof OrcaAwayError)) throw error;
      if (awaySince === null) printer.line('Orca does not answer; waiting for it …');
      awaySince ??= performance.now();
      if (performance.now() - awaySince > AWAY_MAX_MS) throw error;
    }
    await sleep(POLL_MS, signal);
    signal.throwIfAborted();
  }
}

function createStory(
  access: OrcaAccess,
  sha: string,
  printer: BuildPrinter,
  signal: AbortSignal,
): { lookOnce(): Promise<ImageDetails> } {
  let followed: Followed | null = null;
  /** Builds up to this one were over before we asked. */
  let formerBuild: number | null = null;
  let said = '';
  const say = (text: string): void => {
    if (text !== said) printer.line(text);
    said = text;
  };
  const drain = async (build: Followed): Promise<void> => {
    for (;;) {
      const { pieces, isOver } = await readLog(access, { sha, ...build }, signal);
      printer.pieces(pieces);
      build.after = pieces.at(-1)?.piece ?? build.after;
      if (isOver || pieces.length === 0) return;
    }
  };
  const takeUp = async ({ number, builder }: BuildEntry): Promise<void> => {
    if (followed !== null) await drain(followed);
    if (followed !== null) say(`Build ${followed.number} was interrupted through no fault of the Dockerfile`);
    followed = { number, after: 0 };
    printer.restart();
    say(`Build ${number}, by ${plainLine(builder, REASON_CHARACTERS_MAX)}`);
  };
  return {
    async lookOnce() {
      // First the state, then the log: what was logged before an end is read before the end is told.
      const image = await findImage(access, sha, signal);
      if (image === null)
        throw new UserError(`Cannot follow image "${sha}": ${access.server} does not know it`);
      const [newest] = image.build_history;
      const isQueued = image.state === 'queued';
      // One that runs is ours, though the image was still queued a moment before.
      const isFormer = isQueued && newest?.outcome !== null;
      formerBuild ??= (newest?.number ?? 0) - (isFormer ? 0 : 1);
      if (newest !== undefined && newest.number > (followed?.number ?? formerBuild)) await takeUp(newest);
      if (followed !== null) await drain(followed);
      if (isQueued) say(plainLine(await imageSentenceOf(access, sha, signal), REASON_CHARACTERS_MAX));
      return image;
    },
  };
}
