import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { findJsonError } from '@orca/protocol';
import { USAGE_STATUS, UserError } from './user-error.ts';

/** What stands for standard input where a file is asked for. */
export const STDIN = '-';

/** A JSON file, read: its value, or the sentence that says where it is no JSON. */
export type JsonSource =
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'broken'; readonly sentence: string };

/** How a file is called in sentences. */
export function nameOfSource(path: string): string {
  return path === STDIN ? 'standard input' : path;
}

/**
 * Reads a JSON file, or standard input for `-`.
 *
 * @throws {UserError} with the status of wrong usage, when it cannot be read
 */
export async function readSource(path: string): Promise<JsonSource> {
  const bytes = await readBytes(path);
  const name = nameOfSource(path);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { kind: 'broken', sentence: `${name}: this is no text in UTF-8, as JSON has to be` };
  }
  try {
    const value: unknown = JSON.parse(text);
    return { kind: 'json', value, text };
  } catch (cause) {
    const found = findJsonError(text);
    const where = found === null ? '' : `:${found.line}:${found.column}`;
    const what = found?.message ?? String(cause);
    return { kind: 'broken', sentence: `${name}${where}: this is no JSON, ${what}` };
  }
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return path === STDIN ? await buffer(process.stdin) : await readFile(path);
  } catch (cause) {
    throw new UserError(`Cannot read "${path}": ${reasonOf(cause)}`, { cause, status: USAGE_STATUS });
  }
}

const REASONS = new Map([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a folder'],
  ['EACCES', 'this user may not read it'],
]);

/** Why the system could not do something with a file, in words. */
export function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return REASONS.get(code) ?? (cause instanceof Error ? cause.message : String(cause));
}
