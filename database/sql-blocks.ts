import { readFileSync } from 'node:fs';

/** One statement from a `.sql` file. */
export type SqlStatement = {
  /** Its name in all of the room: PostgreSQL keeps the prepared statement under it. */
  name: string;
  text: string;
  /** Whether it changes data: then a lost connection leaves its outcome unknown. */
  writes: boolean;
};

/** Gives a file's statements by name; reads the file when it is first asked. */
export type SqlFile = (name: string) => SqlStatement;

const BLOCK_START = /^-- name: ([a-z][a-z0-9_]*)$/;
const WRITES = /\b(insert\s+into|update\s+orca\.|delete\s+from)\b/i;

/**
 * Opens a `.sql` file beside a module: blocks that begin with a line `-- name: …`, each one statement.
 *
 * @param moduleUrl `import.meta.url` of the module
 * @param fileName of the file in the module's folder
 */
export function sqlFile(moduleUrl: string, fileName: string): SqlFile {
  let blocks: ReadonlyMap<string, SqlStatement> | null = null;
  return (name) => {
    blocks ??= parseSqlBlocks(readFileSync(new URL(fileName, moduleUrl), 'utf8'), fileName);
    const block = blocks.get(name);
    if (block === undefined)
      throw new Error(`Cannot find the statement "${name}": "${fileName}" has none so named`);
    return block;
  };
}

/**
 * Reads the blocks of a `.sql` file.
 *
 * @throws {Error} when a name stands twice, a block has no statement, or a statement stands before the first name
 */
export function parseSqlBlocks(text: string, fileName: string): ReadonlyMap<string, SqlStatement> {
  const blocks = new Map<string, string[]>();
  let lines: string[] | null = null;
  for (const line of text.split('\n')) {
    const name = BLOCK_START.exec(line)?.[1];
    if (name !== undefined) {
      if (blocks.has(name)) throw new Error(`Cannot read "${fileName}": two statements are named "${name}"`);
      lines = [];
      blocks.set(name, lines);
    } else if (lines !== null) {
      lines.push(line);
    } else if (withoutComments(line).trim() !== '') {
      throw new Error(`Cannot read "${fileName}": a statement stands before the first "-- name:"`);
    }
  }
  return new Map([...blocks].map(([name, block]) => [name, statement(name, block.join('\n'), fileName)]));
}

function statement(name: string, block: string, fileName: string): SqlStatement {
  const text = block.trim().replace(/;$/, '');
  const code = withoutComments(text);
  if (code.trim() === '') throw new Error(`Cannot read "${fileName}": "${name}" has no statement`);
  return { name, text, writes: WRITES.test(code) };
}

function withoutComments(text: string): string {
  return text.replace(/--.*$/gm, '');
}
