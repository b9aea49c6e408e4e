const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const STEP = 1024;
/** Below this a number has room for a digit behind the point. */
const SHORT = 10;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Shown in the smaller unit up to twice the larger one. */
const AGES = [
  [DAY_MS, 'd'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'min'],
  [SECOND_MS, 's'],
] as const;

/** What is shown where there is nothing to show. */
export const NOTHING = '–';

/** A number of bytes for people: `412 MiB`, `1.3 GiB`. */
export function showBytes(bytes: number | null): string {
  if (bytes === null) return NOTHING;
  const power = Math.min(Math.floor(Math.log2(Math.max(1, bytes)) / Math.log2(STEP)), UNITS.length - 1);
  const amount = bytes / STEP ** power;
  return `${amount.toFixed(power > 0 && amount < SHORT ? 1 : 0)} ${UNITS[power]}`;
}

/** A duration for people: `0.4 s`, `42 s`, `3 min 20 s`. */
export function showDuration(ms: number | null): string {
  if (ms === null) return NOTHING;
  if (ms < SHORT * SECOND_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  const seconds = Math.round(ms / SECOND_MS);
  const minutes = Math.floor(seconds / 60);
  return minutes < 2 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}

/** How long ago a time was: `5 min ago`. */
export function showAge(time: string | null, now: number): string {
  const at = time === null ? Number.NaN : Date.parse(time);
  if (Number.isNaN(at)) return NOTHING;
  const age = Math.max(0, now - at);
  const [unitMs, unit] = AGES.find(([ms]) => age >= 2 * ms) ?? [SECOND_MS, 's'];
  return `${Math.floor(age / unitMs)} ${unit} ago`;
}

/** The time between two moments in ms; `null` where one is missing. */
export function elapsed(from: string | null, to: string | null): number | null {
  const ms = from === null || to === null ? Number.NaN : Date.parse(to) - Date.parse(from);
  return Number.isNaN(ms) ? null : ms;
}
