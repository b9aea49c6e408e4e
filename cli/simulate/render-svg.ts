/** A line of a plot. */
export interface PlotLine {
  readonly name: string;
  /** One for each step of the time. */
  readonly values: readonly number[];
}

/** A plot of counts over time. */
export interface Plot {
  readonly title: string;
  readonly lines: readonly PlotLine[];
  /** From one value to the next. */
  readonly stepSeconds: number;
}

const WIDTH = 860;
const HEIGHT = 340;
const EDGE = { left: 60, right: 20, top: 50, bottom: 45 };
const COUNT_TICKS = 5;
const TIME_TICKS = 6;
const COLOURS = ['#c2410c', '#1d4ed8', '#15803d', '#7e22ce'];
const MINUTE = 60;
const HOUR = 3_600;

/** Draws a plot as an SVG that stands by itself, on light and on dark pages. */
export function renderSvg({ title, lines, stepSeconds }: Plot): string {
  const steps = Math.max(1, ...lines.map(({ values }) => values.length));
  const top = niceCeiling(lines.reduce((most, { values }) => Math.max(most, peakOf(values)), 1));
  const x = (share: number): number => EDGE.left + share * (WIDTH - EDGE.left - EDGE.right);
  const y = (share: number): number => HEIGHT - EDGE.bottom - share * (HEIGHT - EDGE.top - EDGE.bottom);
  const parts = [
    `<title>${escapeText(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text({ x: EDGE.left, y: 22, anchor: 'start', weight: 'bold' }, title),
    ...ticksOf(COUNT_TICKS).flatMap((share) => [
      `<path d="M${x(0)} ${round(y(share))}H${x(1)}" stroke="#e5e7eb"/>`,
      text({ x: EDGE.left - 8, y: y(share) + 4, anchor: 'end' }, String(round(share * top))),
    ]),
    ...ticksOf(TIME_TICKS).map((share) =>
      text(
        { x: x(share), y: HEIGHT - EDGE.bottom + 18, anchor: 'middle' },
        showTime(share * steps * stepSeconds),
      ),
    ),
    ...lines.flatMap(({ name, values }, index) => {
      const colour = COLOURS[index % COLOURS.length] ?? '';
      const points = values.map(
        (value, step) => `${round(x((step + 0.5) / steps))} ${round(y(value / top))}`,
      );
      return [
        `<polyline fill="none" stroke="${colour}" stroke-width="1.5" points="${points.join(' ')}"/>`,
        text({ x: EDGE.left + index * 170, y: 42, anchor: 'start', colour }, `— ${name}`),
      ];
    }),
    text({ x: x(0.5), y: HEIGHT - 8, anchor: 'middle' }, 'time since the first submission'),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
${parts.join('\n')}
</svg>
`;
}

/** The largest of many values; the call of a function takes only so many. */
function peakOf(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** The next number that is easy to read off: 1, 2 or 5, and noughts. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((digit) => digit * power >= value) ?? 10) * power;
}

function text(
  {
    x,
    y,
    anchor,
    weight = 'normal',
    colour = '#374151',
  }: {
    x: number;
    y: number;
    anchor: 'start' | 'middle' | 'end';
    weight?: string;
    colour?: string;
  },
  content: string,
): string {
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" font-weight="${weight}" fill="${colour}">${escapeText(content)}</text>`;
}

function escapeText(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

/** From 0 to 1. */
function ticksOf(count: number): number[] {
  return Array.from({ length: count + 1 }, (_, tick) => tick / count);
}

/** A time of an axis: `90 s`, `12.5 min`, `3 h`. */
export function showTime(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${round(seconds)} s`;
  return seconds < 2 * HOUR ? `${round(seconds / MINUTE)} min` : `${round(seconds / HOUR)} h`;
}
