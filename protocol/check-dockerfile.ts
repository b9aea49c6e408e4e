import { ERRORS_MAX } from './api-error.ts';
import { countProblems } from './dockerfile-counts.ts';
import { growthProblems } from './dockerfile-growth.ts';
import { directiveNotes, stageNotes } from './dockerfile-notes.ts';
import { type DockerfileRules, instructionProblems } from './dockerfile-rules.ts';
import {
  isBaseReference,
  type RegistryReference,
  readStages,
  registryReferences,
  stageProblems,
} from './dockerfile-stages.ts';
import { runProblems, volumeProblems } from './dockerfile-volumes.ts';
import { type JsonPath, rootPath, sentenceAt } from './json-path.ts';
import { type DockerfileRemark, parseDockerfile } from './parse-dockerfile.ts';
import { takeFirst } from './take-first.ts';

/** What a plain reading of a Dockerfile says about it. */
export interface CheckedDockerfile {
  /** What must be changed; none when it may be built. */
  readonly errors: string[];
  /** What has another effect than its author may think. */
  readonly notes: string[];
  /** The references to the base image, each once: the engine must have them, since no build may pull one. */
  readonly baseReferences: string[];
  /** The references to images of registries, each once: what they bring along no reading of the Dockerfile shows. */
  readonly registryReferences: RegistryReference[];
}

/**
 * Checks a Dockerfile for a grader image by reading it: its stages, and the instructions that could not work or that
 * Orca does not allow. What it cannot see, the builder checks in the finished image. Any text will do.
 *
 * @returns at most `ERRORS_MAX` errors and as many notes, each `dockerfile_contents: line 7: …`, in the order of lines
 */
export function checkDockerfile(contents: string, rules: DockerfileRules): CheckedDockerfile {
  const parsed = parseDockerfile(contents);
  const staged = readStages(parsed.instructions);
  const { stages } = staged;
  const last = stages.at(-1);
  const problems = [
    ...parsed.problems,
    ...takeFirst(stageProblems(stages), ERRORS_MAX),
    ...instructionProblems(staged, parsed.escapeCharacter, rules),
    ...growthProblems(staged, parsed.escapeCharacter),
    ...countProblems(parsed.instructions, staged, parsed.escapeCharacter),
    ...takeFirst(runProblems(stages), ERRORS_MAX),
    ...volumeProblems(stages),
  ];
  const notes = [...directiveNotes(parsed), ...(last ? stageNotes(last, parsed.escapeCharacter) : [])];
  const path = rootPath('dockerfile_contents');
  return {
    errors: sentencesOf(problems, path),
    notes: sentencesOf(notes, path),
    baseReferences: [...new Set(stages.map(({ image }) => image).filter(isBaseReference))],
    registryReferences: registryReferences(stages),
  };
}

function sentencesOf(remarks: readonly DockerfileRemark[], path: JsonPath): string[] {
  return remarks
    .toSorted((one, other) => one.line - other.line)
    .slice(0, ERRORS_MAX)
    .map(({ line, message }) => sentenceAt(path, `line ${line}: ${message}`));
}
