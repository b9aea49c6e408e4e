/**
 * A piece of what a build says. The engine mixes its own words with the output of `RUN`, which can forge each of these:
 * they are for display, and a hint where to look. Check whatever an id names before doing anything to it.
 */
export type BuildLogPiece =
  /** A step begins: `Step 2/5 : RUN make`, without the end of the line. */
  | { readonly kind: 'step'; readonly text: string }
  /** What a step prints, and what else the engine says; in pieces as they come, not in lines. */
  | { readonly kind: 'output'; readonly text: string }
  /** The container of a step has been made: the first 12 digits of its id. */
  | { readonly kind: 'container'; readonly id: string }
  /** The image that a step ended with: the first 12 digits of its id. After `FROM`, and from a cache, it was there before. */
  | { readonly kind: 'layer'; readonly id: string };

const STEP = /^Step \d+\/\d+ : [^\n]*\n?$/;
const CONTAINER = /^ ---> Running in ([0-9a-f]{12})\n?$/;
const LAYER = /^ ---> ([0-9a-f]{12})\n?$/;

/**
 * Makes a reader of the `stream` messages of one build, to be given each in turn.
 *
 * @returns for each message its piece, or `null` for one that says nothing
 */
export function openBuildLog(): (message: string) => BuildLogPiece | null {
  let isAfterStep = false;
  return (message) => {
    const isEndOfStep = isAfterStep && message === '\n';
    isAfterStep = STEP.test(message);
    if (isAfterStep) return { kind: 'step', text: message.trimEnd() };
    // The classic builder writes the end of a step's line on its own.
    if (isEndOfStep || message === '') return null;
    const container = CONTAINER.exec(message)?.[1];
    if (container !== undefined) return { kind: 'container', id: container };
    const layer = LAYER.exec(message)?.[1];
    if (layer !== undefined) return { kind: 'layer', id: layer };
    return { kind: 'output', text: message };
  };
}
