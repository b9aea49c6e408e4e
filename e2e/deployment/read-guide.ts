/** A block of commands in the guide. */
export interface GuideBlock {
  /** In the guide, of its first line. */
  readonly line: number;
  /** The heading that it stands under. */
  readonly section: string;
  /** `sh`, `sql`, or what only people read. */
  readonly language: string;
  /** Where it is run, one after the other. */
  readonly machines: readonly string[];
  /** Why the test leaves it out; `null` where it does not. */
  readonly skipped: string | null;
  readonly text: string;
  /** What has to come out, in this order; `…` stands for anything. */
  readonly expected: readonly string[];
}

const FENCE = /^( *)```(.*)$/;
const HEADING = /^#+ (.*)$/;
const EXPECTED = /^# → (.*)$/;
/** Between the machines of a block and the reason for which it is left out. */
const SKIP = /\bskip: *(.*)$/;

/**
 * Reads the blocks of a guide, in order. Behind the three backticks stand the language, the machines that it is for, and
 * `skip: <reason>` where no test can run it.
 *
 * @throws {Error} when the last block has no end
 */
export function readGuide(guide: string): GuideBlock[] {
  const blocks: GuideBlock[] = [];
  let section = '';
  let open: { line: number; indent: number; info: string; lines: string[] } | null = null;
  for (const [index, text] of guide.split('\n').entries()) {
    const [, indent = '', info = ''] = FENCE.exec(text) ?? [];
    if (open !== null && FENCE.test(text)) {
      blocks.push(describe(open.line, section, open.info, open.lines));
      open = null;
    } else if (open !== null) open.lines.push(text.slice(open.indent));
    else if (FENCE.test(text)) open = { line: index + 2, indent: indent.length, info, lines: [] };
    else section = HEADING.exec(text)?.[1] ?? section;
  }
  if (open !== null) throw new Error(`Cannot read the guide: the block at line ${open.line} has no end`);
  return blocks;
}

function describe(line: number, section: string, info: string, lines: readonly string[]): GuideBlock {
  const [language = '', ...machines] = info.replace(SKIP, '').trim().split(/ +/);
  const expected = lines.flatMap((text) => EXPECTED.exec(text)?.[1] ?? []);
  const skipped = SKIP.exec(info)?.[1]?.trim() ?? null;
  return { line, section, language, machines, skipped, text: `${lines.join('\n')}\n`, expected };
}

/**
 * Looks for what has to come out of a block.
 *
 * @returns the first expected line that did not come, or `null`
 */
export function findMissing(expected: readonly string[], output: string): string | null {
  const lines = output.split('\n');
  let next = 0;
  for (const wanted of expected) {
    const pattern = new RegExp(`^${wanted.split('…').map(RegExp.escape).join('.*')}$`);
    const found = lines.findIndex((line, index) => index >= next && pattern.test(line.trimEnd()));
    if (found < 0) return wanted;
    next = found + 1;
  }
  return null;
}
