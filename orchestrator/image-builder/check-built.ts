import type { ImageState } from '@orca/docker';
import { EXPOSED_PORTS_MAX } from '@orca/protocol';

/** What an image may be. */
export interface BuiltLimits {
  readonly imageBytesMax: number;
}

/** Metadata is read by every engine and worker that loads the image: a few KiB are usual. */
const ENV_ENTRIES_MAX = 256;
const ENV_BYTES_MAX = 64 * 1024;
const LABELS_MAX = 256;
const LABEL_BYTES_MAX = 64 * 1024;
/** More than engines can stack: 127 with overlay2. */
const LAYERS_MAX = 125;
const MIB = 1024 * 1024;

/** What of an image's metadata a Dockerfile can make large, by the instruction that does. */
type MetadataPart = 'ENV' | 'LABEL' | 'EXPOSE';

const TOO_LARGE = {
  ENV: `its ENV is more than ${ENV_ENTRIES_MAX} variables or ${ENV_BYTES_MAX / 1024} KiB`,
  LABEL: `it has more than ${LABELS_MAX} labels or ${LABEL_BYTES_MAX / 1024} KiB of them`,
  EXPOSE: `it exposes more than ${EXPOSED_PORTS_MAX} ports`,
} as const satisfies Record<MetadataPart, string>;

/**
 * Judges an image that was just built by what the engine says of it, before anything of it is run. Pure.
 *
 * @param bases the images that its Dockerfile may have named as its base
 * @returns why it is refused, in a sentence for who wrote the Dockerfile; `null` where it is fine
 */
export function checkBuilt(
  image: ImageState,
  bases: readonly ImageState[],
  limits: BuiltLimits,
): string | null {
  if (!bases.some((base) => base.layers.every((layer, index) => image.layers[index] === layer)))
    return 'Cannot use the image: it does not begin with the layers of orca-grader-base. Begin its last stage with FROM orca-grader-base';
  if (image.sizeBytes > limits.imageBytesMax)
    return `Cannot use the image: it has ${mib(image.sizeBytes)}, more than ${mib(limits.imageBytesMax)}. Remove what the tests do not need, in the same RUN that brings it`;
  if (image.layers.length > LAYERS_MAX)
    return `Cannot use the image: it has ${image.layers.length} layers, more than ${LAYERS_MAX}. Put several commands into one RUN with &&`;
  const large = findLargePart(image);
  return large === null ? null : `Cannot use the image: ${TOO_LARGE[large]}`;
}

/** Whether an image says more of itself than a grader image may: returns of what there is too much, or `null`. Pure. */
export function findLargePart({
  env,
  labels,
  exposedPorts,
}: Pick<ImageState, 'env' | 'labels' | 'exposedPorts'>): MetadataPart | null {
  if (isLarge(env, ENV_ENTRIES_MAX, ENV_BYTES_MAX)) return 'ENV';
  const labelTexts = Object.entries(labels).map(([name, value]) => name + value);
  if (isLarge(labelTexts, LABELS_MAX, LABEL_BYTES_MAX)) return 'LABEL';
  return exposedPorts.length > EXPOSED_PORTS_MAX ? 'EXPOSE' : null;
}

function isLarge(texts: readonly string[], entriesMax: number, bytesMax: number): boolean {
  return (
    texts.length > entriesMax || texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) > bytesMax
  );
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}
