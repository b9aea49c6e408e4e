/** A grader image that an engine has. */
export interface KeptImage {
  readonly sha: string;
  readonly sizeBytes: number;
  /** When a job last ran in it, anywhere, or when it was built. */
  readonly lastUsedAt: Date;
}

/** What of an engine's images is kept. */
export interface EngineRetention {
  /** One that no job has used for so long goes. */
  readonly keepSeconds: number;
  /** All together, each counted with its base; what was used longest ago goes first. */
  readonly bytesMax: number;
  /** What was used so lately stays even when there is too much; {@link FRESH_SECONDS} when left out. */
  readonly freshSeconds?: number;
}

/** What was used in this time would only be fetched again if it went. */
export const FRESH_SECONDS = 3_600;
const SECOND_MS = 1_000;

/**
 * Chooses the images that go from an engine. Pure.
 *
 * @returns their SHA-256s, what was used longest ago first
 */
export function chooseImages(
  images: readonly KeptImage[],
  { keepSeconds, bytesMax, freshSeconds = FRESH_SECONDS }: EngineRetention,
  now: Date,
): string[] {
  const ageSeconds = ({ lastUsedAt }: KeptImage): number =>
    (now.getTime() - lastUsedAt.getTime()) / SECOND_MS;
  const oldestFirst = images.toSorted((one, other) => ageSeconds(other) - ageSeconds(one));
  let bytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const chosen: string[] = [];
  for (const image of oldestFirst) {
    const age = ageSeconds(image);
    const isTooMuch = bytes > bytesMax && age > Math.min(freshSeconds, keepSeconds);
    if (age <= keepSeconds && !isTooMuch) continue;
    chosen.push(image.sha);
    bytes -= image.sizeBytes;
  }
  return chosen;
}
