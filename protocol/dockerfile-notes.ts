import type { DockerfileStage } from './dockerfile-stages.ts';
import { VOLUMES_MAX } from './dockerfile-volumes.ts';
import { quotedWords } from './dockerfile-words.ts';
import type { DockerfileInstruction, DockerfileRemark, ParsedDockerfile } from './parse-dockerfile.ts';

/** What could take over Orca's own program in the container. */
const KEPT_FROM_HARNESS: ReadonlySet<string> = new Set([
  ...['NODE_OPTIONS', 'LD_PRELOAD', 'LD_LIBRARY_PATH', 'BASH_ENV', 'ENV'],
]);
/** What Orca sets for every command. */
const SET_BY_ORCA: ReadonlySet<string> = new Set([...['HOME', 'USER', 'DOWNLOADED', 'EXTRACTED', 'BUILD']]);
const GRADER_USER = /^(?:orca-grader|1000)(?::(?:orca-grader|1000))?$/;
const IMAGE_HOME = '/home/orca-grader';

/** What a job takes no notice of, though the last stage says it; each once, where it is said last. */
export function* stageNotes(stage: DockerfileStage, escapeCharacter: string): Generator<DockerfileRemark> {
  const last = new Map(stage.instructions.map((instruction) => [instruction.name, instruction]));
  for (const [name, instruction] of last) {
    const message = explainEffect(name, instruction);
    if (message !== null) yield { line: instruction.line, message };
  }
  yield* environmentNotes(stage, escapeCharacter);
}

function explainEffect(name: string, { args }: DockerfileInstruction): string | null {
  switch (name) {
    case 'ENTRYPOINT':
    case 'CMD':
      return `${name} is ignored: Orca starts its own harness and runs the grading script`;
    case 'HEALTHCHECK':
      return 'HEALTHCHECK is ignored: a job has its own time limit';
    case 'VOLUME':
      return `VOLUME is covered by an empty read-only folder when a job runs: put files elsewhere (an image with more than ${VOLUMES_MAX} volumes is refused once it is built)`;
    case 'USER':
      return GRADER_USER.test(args) ? null : 'commands run as orca-grader all the same, whatever USER says';
    case 'WORKDIR':
      return args === IMAGE_HOME
        ? null
        : 'WORKDIR is ignored when a job runs: commands start in their home unless the script says otherwise';
    default:
      return null;
  }
}

/** One for each name. */
function* environmentNotes(
  { instructions }: DockerfileStage,
  escapeCharacter: string,
): Generator<DockerfileRemark> {
  const said = new Set<string>();
  for (const { args, line } of instructions.filter(({ name }) => name === 'ENV')) {
    for (const name of variableNames(args, escapeCharacter)) {
      if (said.has(name)) continue;
      said.add(name);
      if (KEPT_FROM_HARNESS.has(name)) {
        yield { line, message: `ENV ${name} is seen by commands, and has no effect on Orca's harness` };
      } else if (SET_BY_ORCA.has(name)) {
        yield { line, message: `ENV ${name} has no effect on commands: Orca sets it itself` };
      }
    }
  }
}

/** In the old form, `ENV NAME value`, there is one. */
function variableNames(args: string, escapeCharacter: string): string[] {
  const words = quotedWords(args, escapeCharacter);
  const named = words[0]?.includes('=') ? words : words.slice(0, 1);
  return named.map((word) => word.split('=', 1)[0] ?? '');
}

/** What the parser itself ignores. */
export function* directiveNotes({ ignoredDirectives }: ParsedDockerfile): Generator<DockerfileRemark> {
  for (const { name, line } of ignoredDirectives) {
    yield { line, message: `"# ${name}=" is ignored: Orca builds with the engine's classic builder` };
  }
}
