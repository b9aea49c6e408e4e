const SECONDS_BY_UNIT: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
};
/** Longer than anybody's course; and every date stays one that PostgreSQL and JSON can write. */
const DURATION_DAYS_MAX = 36_500;
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Reads a length of time: `90d`, `24h`, `30m`, `45s`, `2w`, or `0`.
 *
 * @returns seconds, at most a hundred years; `null` when it is no such text
 */
export function readDuration(text: string): number | null {
  if (text === '0') return 0;
  const [, count = '', unit = ''] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS_BY_UNIT[unit] ?? Number.NaN);
  return seconds <= DURATION_DAYS_MAX * 86_400 ? seconds : null;
}

/** A time, or why a text is none: the end of a sentence that begins "it". */
export type ReadTime = { kind: 'ok'; at: Date } | { kind: 'invalid'; reason: string };

/**
 * Reads when something expires: a length of time from now, a day (its beginning in UTC), or a time with its zone.
 *
 * @returns a time after `now`
 */
export function readExpiry(text: string, now: Date): ReadTime {
  const seconds = readDuration(text);
  const at = seconds === null ? readDate(text) : new Date(now.getTime() + seconds * 1_000);
  if (at === null)
    return { kind: 'invalid', reason: 'must be like 2027-01-31, 2027-01-31T18:00:00Z, 90d, 12h or 2w' };
  return at > now ? { kind: 'ok', at } : { kind: 'invalid', reason: 'is not in the future' };
}

function readDate(text: string): Date | null {
  if (!DATE.test(text)) return null;
  const date = new Date(text);
  // JavaScript takes the 31st of February for a day in March.
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  const isDay = !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text.slice(0, 10));
  return isDay && !Number.isNaN(date.getTime()) ? date : null;
}
