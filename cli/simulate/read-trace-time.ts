const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const DATE = /^(\d{4}-(?:0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))(?:[T ](.+))?$/;
const TIME = /^((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)(Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?$/;
const MIDNIGHT = '00:00';
const UTC = 'Z';
const MS = 1_000;

/**
 * When something was, in seconds from whatever beginning: a number, also as a text, or a date such as 2026-11-28,
 * 2026-11-28T23:59 or 2026-11-28 23:59:00.5+01:00, which is of UTC unless it names its zone. Nothing else: `Date.parse`
 * guesses, and takes 05/11/2026 for a day in May, 12.5 for one in December, and 31 February for one in March.
 *
 * @returns `null` when it is no such time
 */
export function secondsOf(at: unknown): number | null {
  const seconds = typeof at === 'string' ? (numberIn(at) ?? secondsOfDate(at)) : at;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds : null;
}

/** The number that a text is in decimal digits; `null` when it is none. */
export function numberIn(text: string): number | null {
  return NUMBER.test(text) ? Number(text) : null;
}

/** What is given to `Date` here is in its own form, which it does not guess at. */
function secondsOfDate(text: string): number | null {
  const [, date, day, rest] = DATE.exec(text) ?? [];
  if (date === undefined || new Date(`${date}T${MIDNIGHT}${UTC}`).getUTCDate() !== Number(day)) return null;
  const [, time, zone] = rest === undefined ? ['', MIDNIGHT] : (TIME.exec(rest) ?? []);
  return time === undefined ? null : Date.parse(`${date}T${time}${writtenOut(zone)}`) / MS;
}

/** `+01` and `+0100` as `+01:00`. */
function writtenOut(zone: string = UTC): string {
  if (zone === UTC) return zone;
  const [hours, minutes] = [zone.slice(0, '+hh'.length), zone.slice(-'mm'.length)];
  return zone.length === hours.length ? `${hours}:00` : `${hours}:${minutes}`;
}
