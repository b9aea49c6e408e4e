import { type DockerfileStage, parentsOf, type StagedInstructions } from './dockerfile-stages.ts';
import { fillIn, openPreamble, openStage, setVariables, type Variables } from './dockerfile-variables.ts';
import { spacedWords } from './dockerfile-words.ts';
import { SHOWN_CHARACTERS_MAX } from './json-path.ts';
import type { DockerfileInstruction, DockerfileRemark } from './parse-dockerfile.ts';
import { plainLine } from './plain-text.ts';

/** Most ports that an image may expose: each engine and worker that loads it reads them all. */
export const EXPOSED_PORTS_MAX = 256;

/**
 * Most instructions of a Dockerfile. The builder stores the whole description of the image anew with each of them, and
 * makes a container for nearly every one; an image of 125 layers has no use for more.
 */
const INSTRUCTIONS_MAX = 500;

/** A port, or a range of them, as it is documented. What else the builder may read as one, it would count differently. */
const PORTS = /^(?<first>\d{1,5})(?:-(?<last>\d{1,5}))?(?:\/[A-Za-z]{1,4})?$/;

/** What there is too much of, each said once. */
export function* countProblems(
  instructions: readonly DockerfileInstruction[],
  staged: StagedInstructions,
  escapeCharacter: string,
): Generator<DockerfileRemark> {
  const oneMore = instructions[INSTRUCTIONS_MAX];
  // Of so many instructions the variables would be costly to follow.
  if (oneMore !== undefined)
    return yield {
      line: oneMore.line,
      message: `there must be no more than ${INSTRUCTIONS_MAX} instructions`,
    };
  yield* portProblems(staged, escapeCharacter);
}

/** The ports of a stage are also those of what is built on it. */
function* portProblems(
  { preamble, stages }: StagedInstructions,
  escapeCharacter: string,
): Generator<DockerfileRemark> {
  const parents = parentsOf(stages);
  const counts = new Map<DockerfileStage, number>();
  const scopes = new Map<DockerfileStage, Variables>();
  const globals = openPreamble();
  for (const instruction of preamble) setVariables(instruction, globals, escapeCharacter);
  for (const stage of stages) {
    const parent = parents.get(stage);
    const variables = openStage(stage, globals, parent && scopes.get(parent));
    scopes.set(stage, variables);
    const seen = new Set<string>();
    let count = (parent && counts.get(parent)) ?? 0;
    for (const instruction of stage.instructions) {
      setVariables(instruction, variables, escapeCharacter);
      if (instruction.name !== 'EXPOSE') continue;
      const { line } = instruction;
      const exposed = readExpose(instruction, variables, seen);
      if (exposed.kind === 'unclear') return yield { line, message: notPlain(exposed.word) };
      count += exposed.ports;
      if (count > EXPOSED_PORTS_MAX) return yield { line, message: tooMany(count) };
    }
    counts.set(stage, count);
  }
}

type Exposed =
  | { readonly kind: 'ports'; readonly ports: number }
  | { readonly kind: 'unclear'; readonly word: string };

/** How many ports an `EXPOSE` names that are not among those that were `seen`; they are from then on. */
function readExpose({ args }: DockerfileInstruction, variables: Variables, seen: Set<string>): Exposed {
  let ports = 0;
  for (const word of spacedWords(args)) {
    const filledIn = fillIn(word, variables);
    const own = filledIn === null ? null : portsOf(filledIn);
    if (filledIn === null || own === null) return { kind: 'unclear', word };
    if (!seen.has(filledIn)) ports += own;
    seen.add(filledIn);
  }
  return { kind: 'ports', ports };
}

/** How many ports a word of `EXPOSE` stands for; `null` when it is not written as is documented. */
function portsOf(word: string): number | null {
  const { first, last } = PORTS.exec(word)?.groups ?? {};
  return first === undefined ? null : Math.max(1, Number(last ?? first) - Number(first) + 1);
}

function notPlain(word: string): string {
  const shown = plainLine(word, SHOWN_CHARACTERS_MAX);
  return `EXPOSE must name ports plainly, as 80, 80/udp, 8000-8010 or $PORT with such a default, is "${shown}": leave EXPOSE out, it has no effect on jobs`;
}

function tooMany(count: number): string {
  return `an image must have at most ${EXPOSED_PORTS_MAX} exposed ports, it has ${count} up to here`;
}
