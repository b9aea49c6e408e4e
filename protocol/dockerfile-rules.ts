import { ERRORS_MAX } from './api-error.ts';
import type { DockerfileStage, StagedInstructions } from './dockerfile-stages.ts';
import { argumentWords, hasHeredoc, readOption } from './dockerfile-words.ts';
import { SHOWN_CHARACTERS_MAX } from './json-path.ts';
import { suggestion } from './nearest-name.ts';
import type { DockerfileInstruction, DockerfileRemark } from './parse-dockerfile.ts';
import { plainLine } from './plain-text.ts';
import { takeFirst } from './take-first.ts';

/** What an operator may allow. */
export interface DockerfileRules {
  /** Whether `ADD` may fetch from the network, as the engine and from where the engine stands. */
  readonly allowRemoteAdd: boolean;
}

/** Every instruction of the classic builder, with the options that it knows. */
const OPTIONS: ReadonlyMap<string, readonly string[]> = new Map([
  ['ADD', ['chown']],
  ['COPY', ['chown', 'from']],
  ['HEALTHCHECK', ['interval', 'retries', 'start-period', 'timeout']],
  ...['ARG', 'CMD', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'LABEL', 'MAINTAINER', 'ONBUILD', 'RUN'].map(
    (name): [string, string[]] => [name, []],
  ),
  ...['SHELL', 'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'].map((name): [string, string[]] => [name, []]),
]);

/** What to do instead of an option of BuildKit. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  [
    'mount',
    'fetch, use and remove files within one RUN, or make them in an earlier stage and COPY --from it',
  ],
  ['network', 'leave it out, every RUN has the network that the operator gives to builds'],
  ['security', 'leave it out, no RUN may have more rights than the others'],
  ['chmod', 'leave it out, and change the mode by RUN chmod'],
  ['link', 'leave it out'],
  ['parents', 'leave it out'],
  ['exclude', 'leave it out, and remove files by RUN rm'],
]);

const HEREDOC_READERS: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD']);
const REMOTE = /:\/\/|^(?:https?|ftp|git|ssh|git@[^:]*):/i;
// The only ones that the classic builder fetches.
const FETCHED = /^https?:\/\//;
const CONTEXT_IS_EMPTY =
  'takes files that are not there: a Dockerfile comes alone. Write them by RUN, fetch them by RUN curl, or COPY --from an earlier stage';

/** What is wrong with the instructions other than `FROM`: the first few of each kind, which may be costly to say. */
export function* instructionProblems(
  { preamble, stages }: StagedInstructions,
  escapeCharacter: string,
  rules: DockerfileRules,
): Generator<DockerfileRemark> {
  const all = [preamble, ...stages.map(({ instructions }) => instructions)].flat();
  yield* takeFirst(misplacedInstructions(preamble), ERRORS_MAX);
  yield* takeFirst(unknownInstructions(all, escapeCharacter), ERRORS_MAX);
  yield* takeFirst(forbiddenInstructions(stages, rules), ERRORS_MAX);
}

function* misplacedInstructions(preamble: readonly DockerfileInstruction[]): Generator<DockerfileRemark> {
  for (const { name, line } of preamble) {
    if (name !== 'ARG' && OPTIONS.has(name)) yield { line, message: `${name} must come after a FROM` };
  }
}

function* forbiddenInstructions(
  stages: readonly DockerfileStage[],
  rules: DockerfileRules,
): Generator<DockerfileRemark> {
  const names = new Set<string>();
  for (const stage of stages) {
    for (const instruction of stage.instructions) {
      for (const message of explainInstruction(instruction, stage, names, rules)) {
        yield { line: instruction.line, message };
      }
    }
    if (stage.name !== null) names.add(stage.name);
  }
}

/** Behind a heredoc its lines would be taken for unknown instructions: no more is said of any. */
function* unknownInstructions(
  instructions: readonly DockerfileInstruction[],
  escapeCharacter: string,
): Generator<DockerfileRemark> {
  for (const { name, args, line } of instructions) {
    if (HEREDOC_READERS.has(name) && hasHeredoc(args, escapeCharacter)) {
      const message = `${name} must not read a heredoc (<<), which needs BuildKit: use printf, or join the commands by && \\`;
      return yield { line, message };
    }
    if (OPTIONS.has(name)) continue;
    const shown = plainLine(name, SHOWN_CHARACTERS_MAX);
    yield { line, message: `unknown instruction "${shown}"${suggestion(shown, OPTIONS.keys())}` };
  }
}

function* explainInstruction(
  instruction: DockerfileInstruction,
  stage: DockerfileStage,
  earlier: ReadonlySet<string>,
  rules: DockerfileRules,
): Generator<string> {
  const { name } = instruction;
  yield* optionProblems(instruction);
  if (name === 'ONBUILD') {
    // Of an earlier stage it would run when a later one begins, unseen by these rules.
    yield 'ONBUILD is for images that others are built from, and none is built from a grader image: write the instruction without it';
  }
  const isCopy = name === 'COPY' || name === 'ADD';
  if (!isCopy) return;
  const sources = argumentWords(instruction.args).slice(0, -1);
  if (sources.length === 0) yield `${name} must have a source and a destination`;
  else if (name === 'ADD') yield* addProblems(sources, rules);
  else yield* copyProblems(instruction, stage, earlier);
}

function* optionProblems({ name, options }: DockerfileInstruction): Generator<string> {
  const known = OPTIONS.get(name);
  if (known === undefined) return;
  for (const option of options) {
    const { name: optionName, value } = readOption(option);
    const shown = plainLine(optionName, SHOWN_CHARACTERS_MAX);
    const instead = INSTEAD.get(optionName);
    if (known.includes(optionName)) {
      if (value === null || value === '') yield `${name} --${shown} must be written --${shown}=<value>`;
    } else if (instead !== undefined) {
      yield `${name} --${shown} is an option of BuildKit, which Orca does not use: ${instead}`;
    } else yield `${name} has no option --${shown}${suggestion(shown, known)}`;
  }
}

function* copyProblems(
  { options }: DockerfileInstruction,
  stage: DockerfileStage,
  earlier: ReadonlySet<string>,
): Generator<string> {
  const froms = options.map(readOption).filter(({ name }) => name === 'from');
  if (froms.length === 0) yield `COPY ${CONTEXT_IS_EMPTY}`;
  for (const { value } of froms) {
    const isIndex = /^\d{1,9}$/.test(value ?? '') && Number(value) < stage.index;
    if (!value || isIndex || earlier.has(value.toLowerCase())) continue;
    const shown = plainLine(value, SHOWN_CHARACTERS_MAX);
    yield `COPY --from must name an earlier stage or its number, is "${shown}"; to copy from an image, begin a stage with FROM <image> AS <name> first`;
  }
}

/** Sources are not shown: a URL may hold a password. */
function* addProblems(sources: readonly string[], { allowRemoteAdd }: DockerfileRules): Generator<string> {
  const isRemote = (source: string): boolean => REMOTE.test(source) || source.includes('$');
  if (!sources.every(isRemote)) yield `ADD ${CONTEXT_IS_EMPTY}`;
  const remote = sources.filter(isRemote);
  if (remote.length === 0) return;
  if (!allowRemoteAdd) {
    yield 'ADD must not fetch from the network, unless the operator allows it: use RUN curl --fail --location --output <file> <url>';
  } else if (!remote.every((source) => FETCHED.test(source) || source.includes('$'))) {
    yield 'ADD fetches http:// and https:// only: use RUN with the program that can fetch it';
  }
}
