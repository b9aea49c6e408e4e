/** As the grading room has them: how long an engine may take to load an image, and how often a file is asked for. */
const IMAGE_LOAD_SECONDS = 300;
const FILE_TRIES = 3;
/** An image that was rebuilt or pruned in the middle of its download is asked for once more. */
const IMAGE_TRIES = 2;
/** The container, and unpacking in it. */
const CONTAINER_SECONDS = 300;

/**
 * How long the parts of a run beside its script may take together, in seconds: whatever the settings allow to each.
 *
 * @param settings the longest download of an image, and of a file
 */
export function overheadSecondsOf(settings: {
  readonly ORCA_IMAGE_TOTAL_SECONDS: number;
  readonly ORCA_FILE_TOTAL_SECONDS: number;
}): number {
  const { ORCA_IMAGE_TOTAL_SECONDS: image, ORCA_FILE_TOTAL_SECONDS: file } = settings;
  return IMAGE_TRIES * (image + IMAGE_LOAD_SECONDS) + FILE_TRIES * file + CONTAINER_SECONDS;
}
