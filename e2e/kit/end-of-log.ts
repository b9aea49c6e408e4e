/** More is not read of a failure, and what shows it may cut the middle out of a longer one. */
export const LOG_LINES_MAX = 100;

const LINE_CHARACTERS_MAX = 600;
/** The two innermost frames of a trace say where it was thrown; behind them it is the same way each time. */
const FRAMES_IN_JSON = /((?:\\n {4}at [^\\"]*){2})(?:\\n {4}at [^\\"]*)+/g;
const FRAMES = /((?:\n {4}at [^\n]*){2})(?:\n {4}at [^\n]*)+/g;

/** The end of a process's log, short enough to stand in the message of a failure: traces and long lines are shortened. */
export function endOfLog(log: string): string {
  const lines = log.trimEnd().replace(FRAMES, '$1').split('\n');
  const last = lines.slice(-LOG_LINES_MAX).map((line) => shorten(line.replace(FRAMES_IN_JSON, '$1')));
  const before = lines.length - last.length;
  return [...(before > 0 ? [`[${before} lines before]`] : []), ...last].join('\n');
}

/** A line of JSON has its message at its end. */
function shorten(line: string): string {
  const half = LINE_CHARACTERS_MAX / 2;
  if (line.length <= LINE_CHARACTERS_MAX) return line;
  return `${line.slice(0, half)}[${line.length - LINE_CHARACTERS_MAX} characters]${line.slice(-half)}`;
}
