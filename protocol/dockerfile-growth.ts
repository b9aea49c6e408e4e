import type { DockerfileStage, StagedInstructions } from './dockerfile-stages.ts';
import { quotedWords } from './dockerfile-words.ts';
import type { DockerfileInstruction, DockerfileRemark } from './parse-dockerfile.ts';

/** Most bytes of all instructions together once their variables are filled in: some times as much as may be written. */
export const FILLED_IN_BYTES_MAX = 256 * 1024;

/** Most stages of a Dockerfile: each begins with all variables of the preamble, and the builder gets no slower by a few. */
const STAGES_MAX = 100;

/** In which the builder fills variables in; the shell does in the others, within the limits of a `RUN`. */
const FILLED_IN: ReadonlySet<string> = new Set([
  ...['ADD', 'ARG', 'COPY', 'ENV', 'EXPOSE', 'LABEL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'],
]);
/** For one that only the base image, or nobody, has set. */
const UNKNOWN_BYTES = 256;

/**
 * Finds variables that double each other: a few lines `ENV A=$A$A` make an engine hold gigabytes, for which it knows no
 * limit. Sizes are counted upwards, so that what passes is no larger.
 */
export function* growthProblems(
  { preamble, stages }: StagedInstructions,
  escapeCharacter: string,
): Generator<DockerfileRemark> {
  const sizesOf = new Map<string, Sizes>();
  const globals: Sizes = new Map();
  let bytes = 0;
  const take = (instruction: DockerfileInstruction, sizes: Sizes): boolean => {
    if (!FILLED_IN.has(instruction.name)) return true;
    bytes += filledInBytes(instruction.args, sizes);
    setSizes(instruction, sizes, escapeCharacter);
    return bytes <= FILLED_IN_BYTES_MAX;
  };
  for (const instruction of preamble) if (!take(instruction, globals)) return yield remark(instruction);
  for (const stage of stages) {
    if (stage.index >= STAGES_MAX) return yield tooManyStages(stage);
    const sizes: Sizes = new Map([...globals, ...(sizesOf.get(stage.image.toLowerCase()) ?? [])]);
    for (const instruction of stage.instructions)
      if (!take(instruction, sizes)) return yield remark(instruction);
    noteStage(stage, sizes, sizesOf);
  }
}

/** Of variables, in bytes. */
type Sizes = Map<string, number>;

function noteStage({ name }: DockerfileStage, sizes: Sizes, sizesOf: Map<string, Sizes>): void {
  if (name !== null) sizesOf.set(name, sizes);
}

/** Sets the sizes of what `ENV` and `ARG` set. In the old form, `ENV NAME value`, there is one. */
function setSizes({ name, args }: DockerfileInstruction, sizes: Sizes, escapeCharacter: string): void {
  if (name !== 'ENV' && name !== 'ARG') return;
  const words = quotedWords(args, escapeCharacter);
  const isOldForm = name === 'ENV' && !words[0]?.includes('=');
  const set = isOldForm ? [`${words[0] ?? ''}=${args}`] : words.filter((word) => word.includes('='));
  // All are filled in before any is set.
  const values = set.map((word): [string, number] => [
    word.split('=', 1)[0] ?? '',
    filledInBytes(word, sizes),
  ]);
  for (const [variable, size] of values) sizes.set(variable, size);
}

function filledInBytes(text: string, sizes: Sizes): number {
  let bytes = Buffer.byteLength(text);
  for (const [, name = ''] of text.matchAll(/\$\{?([A-Za-z_][A-Za-z0-9_]*)/g))
    bytes += sizes.get(name) ?? UNKNOWN_BYTES;
  return bytes;
}

function remark({ line, name }: DockerfileInstruction): DockerfileRemark {
  const most = `${FILLED_IN_BYTES_MAX / 1024} KiB`;
  return { line, message: `${name} must not make more than ${most} of the variables up to here` };
}

function tooManyStages({ from }: DockerfileStage): DockerfileRemark {
  return { line: from.line, message: `there must be no more than ${STAGES_MAX} stages` };
}
