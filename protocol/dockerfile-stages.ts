import { spacedWords } from './dockerfile-words.ts';
import { SHOWN_CHARACTERS_MAX } from './json-path.ts';
import type { DockerfileInstruction, DockerfileRemark } from './parse-dockerfile.ts';
import { plainLine } from './plain-text.ts';

/** A stage of a Dockerfile: its `FROM`, and what follows up to the next one. */
export interface DockerfileStage {
  readonly index: number;
  readonly from: DockerfileInstruction;
  /** As written; empty where `FROM` names nothing. */
  readonly image: string;
  /** In lower case, as the builder keeps it. */
  readonly name: string | null;
  readonly instructions: readonly DockerfileInstruction[];
}

/** A Dockerfile's stages, and the instructions before the first of them. */
export interface StagedInstructions {
  readonly preamble: readonly DockerfileInstruction[];
  readonly stages: readonly DockerfileStage[];
}

const BASE_REFERENCE = /^orca-grader-base(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/;
const BASE_IN_WORDS = 'FROM orca-grader-base or FROM orca-grader-base:<tag>';

/** Names that Orca gives to images of its own, on the same engine. */
const OWN_NAMES = /^orca-/i;
const DEFAULT_REGISTRY = /^(?:(?:index\.)?docker\.io\/)?(?:library\/)?/i;
// The engine takes what begins an image's id for the image, however short it is.
const IMAGE_ID = /^(?:[0-9a-f]{1,64}|sha256:.*)$/is;
const PLAIN_REFERENCE = /^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/;
/** What `FROM` names where it begins with nothing. */
const OF_NO_REGISTRY: ReadonlySet<string> = new Set(['', 'scratch']);
const STAGE_NAME = /^[a-z][a-z0-9_.-]*$/;

/** Whether a reference is the base image's, as the contract wants it written. */
export function isBaseReference(image: string): boolean {
  return BASE_REFERENCE.test(image);
}

/** Deals the instructions out to stages. */
export function readStages(instructions: readonly DockerfileInstruction[]): StagedInstructions {
  const preamble: DockerfileInstruction[] = [];
  const stages: (DockerfileStage & { instructions: DockerfileInstruction[] })[] = [];
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') {
      const [image = '', as, name] = spacedWords(instruction.args);
      const isNamed = as?.toUpperCase() === 'AS' && name !== undefined;
      stages.push({
        index: stages.length,
        from: instruction,
        image,
        name: isNamed ? name.toLowerCase() : null,
        instructions: [],
      });
    } else (stages.at(-1)?.instructions ?? preamble).push(instruction);
  }
  return { preamble, stages };
}

/** An image of a registry that a stage begins with. */
export interface RegistryReference {
  /** As written. */
  readonly image: string;
  /** Whether a `RUN` is on top of it: in a stage that begins with it, or in one that is built on such a stage. */
  readonly hasRun: boolean;
}

/** What stages begin with that is neither the base, nor an earlier stage, nor nothing: a registry's images, each once. */
export function registryReferences(stages: readonly DockerfileStage[]): RegistryReference[] {
  const parents = parentsOf(stages);
  const roots = new Map<DockerfileStage, string>();
  const hasRun = new Map<string, boolean>();
  for (const stage of stages) {
    const { image, instructions } = stage;
    const parent = parents.get(stage);
    const root = parent === undefined ? image : roots.get(parent);
    if (root === undefined || OF_NO_REGISTRY.has(root.toLowerCase()) || isBaseReference(root)) continue;
    roots.set(stage, root);
    hasRun.set(root, hasRun.get(root) === true || instructions.some(({ name }) => name === 'RUN'));
  }
  return [...hasRun].map(([image, isRunOn]) => ({ image, hasRun: isRunOn }));
}

/** The earlier stage that each is built on, where it is built on one. */
export function parentsOf(stages: readonly DockerfileStage[]): ReadonlyMap<DockerfileStage, DockerfileStage> {
  const named = new Map<string, DockerfileStage>();
  const parents = new Map<DockerfileStage, DockerfileStage>();
  for (const stage of stages) {
    const parent = named.get(stage.image.toLowerCase());
    if (parent !== undefined) parents.set(stage, parent);
    if (stage.name !== null) named.set(stage.name, stage);
  }
  return parents;
}

/** What is wrong with the stages' `FROM`s. */
export function* stageProblems(stages: readonly DockerfileStage[]): Generator<DockerfileRemark> {
  const names = new Set<string>();
  for (const stage of stages) {
    const { line } = stage.from;
    const isLast = stage.index === stages.length - 1;
    for (const message of [explainForm(stage, names), explainImage(stage, names, isLast)]) {
      if (message !== null) yield { line, message };
    }
    if (stage.name !== null) names.add(stage.name);
  }
  if (stages.length === 0) yield { line: 1, message: `has no FROM: it must begin with ${BASE_IN_WORDS}` };
}

function explainForm({ from, name }: DockerfileStage, earlier: ReadonlySet<string>): string | null {
  if (from.options.length > 0) {
    return 'FROM must have no options such as --platform: an image is built for the machine that runs it';
  }
  const words = spacedWords(from.args);
  if (words.length !== 1 && (words.length !== 3 || name === null)) {
    return 'FROM must be written FROM <image> or FROM <image> AS <name>';
  }
  if (name === null) return null;
  const shown = plainLine(name, SHOWN_CHARACTERS_MAX);
  if (!STAGE_NAME.test(name)) {
    return `the name of a stage must be a letter, then letters, digits, "-", "_" or ".", is "${shown}"`;
  }
  // A stage called as the base is, would be taken for it.
  if (OWN_NAMES.test(name)) return `the name of a stage must not begin with "orca-", is "${shown}"`;
  return earlier.has(name) ? `"${shown}" is already the name of an earlier stage` : null;
}

function explainImage(
  { image }: DockerfileStage,
  earlier: ReadonlySet<string>,
  isLast: boolean,
): string | null {
  const shown = plainLine(image, SHOWN_CHARACTERS_MAX);
  if (image === '') return null;
  if (image.includes('$')) return `FROM must name its image itself and not by a variable, is "${shown}"`;
  const isStage = earlier.has(image.toLowerCase());
  if (isLast && isStage) {
    return `the last stage must begin ${BASE_IN_WORDS} and take what "${shown}" made by COPY --from=${shown}`;
  }
  if (isLast) {
    return isBaseReference(image) ? null : `the last stage must begin ${BASE_IN_WORDS}, is "${shown}"`;
  }
  if (isStage) return null;
  if (IMAGE_ID.test(image)) {
    return `FROM must name an image by its name in a registry and not by its id, is "${shown}"`;
  }
  if (!PLAIN_REFERENCE.test(image)) {
    return `FROM must name an image plainly, without quotes or escapes, is "${shown}"`;
  }
  const isOwn = OWN_NAMES.test(image.replace(DEFAULT_REGISTRY, ''));
  if (!isOwn || isBaseReference(image)) return null;
  return `FROM must name no other image of Orca's than orca-grader-base or orca-grader-base:<tag>, is "${shown}"`;
}
