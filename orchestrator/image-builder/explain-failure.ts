/** What a person sees of it. */
const REASON_CHARACTERS_MAX = 1_000;

const KILLED_STATUS = 137;

/** What the engine says when a Dockerfile wants something that there is not, and what that means to its author. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /non-zero code: 100$/,
    'apt-get ends with 100 when a package or a server is not found: begin the RUN with "apt-get update &&", and check the names',
  ],
  [/non-zero code: 127$/, '127 means that a program was not found: is it installed, and its name right?'],
  [/non-zero code: 153$/, '153 means that it wrote a file that is larger than a whole image may be'],
  [/no space left on device/i, 'The disk of the engine is full, or the RUN wrote more than it may'],
  [/requires BuildKit/i, 'This builder has no BuildKit: leave out what needs it, such as RUN --mount'],
  [
    // The check of the Dockerfile refuses heredocs: the lines of one that gets past it are taken for instructions.
    /^dockerfile parse error (?:on )?line \d+: unknown instruction: /i,
    'Heredocs (<<EOF) need BuildKit, which this builder has not: continue long commands with \\ at the ends of lines',
  ],
  [
    // One without --from is refused before anything is built.
    /^COPY failed: (?:stat |no source files )/,
    'The earlier stage has no such file: COPY --from looks from its /, whatever its WORKDIR is, for what its image and its RUNs have put there',
  ],
  [
    // The check lets a variable pass, which may name no URL.
    /^ADD failed: (?:file not found in build context|no source files )/,
    'The build sees the Dockerfile and no other file: fetch with RUN what the image needs, or write it there',
  ],
];

/** What is known of a build whose Dockerfile failed. */
export interface BuildFailure {
  /** The engine's own words. */
  readonly message: string;
  /** The exit status of the RUN that failed, where one did. */
  readonly status: number | null;
  /** Where it was: `Step 2/3 : RUN make`; '' before the first. */
  readonly step: string;
  readonly memoryMb: number;
}

/**
 * Says to who wrote a Dockerfile why its build failed, and where it is known what to do. Pure.
 *
 * @returns a sentence, or some
 */
export function explainFailure({ message, status, step, memoryMb }: BuildFailure): string {
  const what = message.trim().replace(/\s+/g, ' ').slice(0, REASON_CHARACTERS_MAX);
  const where = step === '' ? '' : `${step.slice(0, REASON_CHARACTERS_MAX)}: `;
  const hint =
    status === KILLED_STATUS
      ? `137 means that it was killed: most often because it used more than ${memoryMb} MiB of memory`
      : HINTS.find(([pattern]) => pattern.test(what))?.[1];
  return `${where}${what}${hint === undefined ? '' : `. ${hint}`}`.toWellFormed();
}
