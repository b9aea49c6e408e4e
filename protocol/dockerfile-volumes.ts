import { type DockerfileStage, isBaseReference, parentsOf } from './dockerfile-stages.ts';
import { argumentWords } from './dockerfile-words.ts';
import { SHOWN_CHARACTERS_MAX } from './json-path.ts';
import type { DockerfileInstruction, DockerfileRemark } from './parse-dockerfile.ts';
import { plainLine } from './plain-text.ts';

/** Most `VOLUME`s of an image: each costs a job's container a mount. */
export const VOLUMES_MAX = 32;

/**
 * Most where there is more than the base image has. For nearly every instruction the builder makes a container, and copies
 * into each volume of it what lies there: links and volumes within volumes let it copy the same again for each.
 */
export const FILLED_VOLUMES_MAX = 4;

const FILLING: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD']);

/** The volumes of a stage, those that it got from the stage that it is built on among them. */
interface StageVolumes {
  readonly count: number;
  /** `null` while there is none. */
  readonly first: Volume | null;
  readonly isFilled: boolean;
}

/** A path, cut to what is shown, and where it stands. */
interface Volume {
  readonly shown: string;
  readonly line: number;
}

/** Finds the first stage with more volumes than it may have, as far as they are written out. */
export function* volumeProblems(stages: readonly DockerfileStage[]): Generator<DockerfileRemark> {
  for (const [stage, above] of withVolumesAbove(stages)) {
    const { isFilled } = addVolumes(above, stage);
    const most = isFilled ? FILLED_VOLUMES_MAX : VOLUMES_MAX;
    const seen = new Set<string>();
    for (const { args, line } of volumesOf(stage)) {
      for (const volume of argumentWords(args)) seen.add(volume);
      if (above.count + seen.size <= most) continue;
      const shown = plainLine([...seen].at(-1) ?? '', SHOWN_CHARACTERS_MAX);
      const message = isFilled
        ? `a stage with files of its own must have at most ${most} volumes, "${shown}" is one more: the engine copies what lies there into each`
        : `an image must have at most ${most} volumes, "${shown}" is one more`;
      return yield { line, message };
    }
  }
}

/**
 * Finds each `RUN` after a `VOLUME`, in the same stage or in one that is built on it. The builder gives the container of
 * such a `RUN` a folder of the engine's own disk there: it has no limit, is counted nowhere, and no image keeps it.
 */
export function* runProblems(stages: readonly DockerfileStage[]): Generator<DockerfileRemark> {
  for (const [stage, above] of withVolumesAbove(stages)) {
    let volume = above.first;
    for (const instruction of stage.instructions) {
      if (instruction.name === 'VOLUME') volume ??= firstOf(instruction);
      if (instruction.name !== 'RUN' || volume === null) continue;
      const message = `RUN must not come after VOLUME ${volume.shown} of line ${volume.line}, where nothing limits or keeps what it writes: put VOLUME last`;
      yield { line: instruction.line, message };
    }
  }
}

/** Each stage with the volumes that it begins with. */
function* withVolumesAbove(
  stages: readonly DockerfileStage[],
): Generator<readonly [stage: DockerfileStage, above: StageVolumes]> {
  const parents = parentsOf(stages);
  const known = new Map<DockerfileStage, StageVolumes>();
  for (const stage of stages) {
    const parent = parents.get(stage);
    const above = parent === undefined ? undefined : known.get(parent);
    const begun = above ?? { count: 0, first: null, isFilled: !isBaseReference(stage.image) };
    known.set(stage, addVolumes(begun, stage));
    yield [stage, begun];
  }
}

function addVolumes(above: StageVolumes, stage: DockerfileStage): StageVolumes {
  const own = volumesOf(stage);
  const [first] = own;
  return {
    count: above.count + new Set(own.flatMap(({ args }) => argumentWords(args))).size,
    first: above.first ?? (first === undefined ? null : firstOf(first)),
    isFilled: above.isFilled || stage.instructions.some(({ name }) => FILLING.has(name)),
  };
}

function volumesOf({ instructions }: DockerfileStage): DockerfileInstruction[] {
  return instructions.filter(({ name }) => name === 'VOLUME');
}

function firstOf({ args, line }: DockerfileInstruction): Volume {
  return { shown: plainLine(argumentWords(args)[0] ?? '', SHOWN_CHARACTERS_MAX), line };
}
