import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Environment } from './load-environment.ts';
import { describeSchema, type ParsedText, parseText } from './parse-text.ts';

/** One setting: everything that parsing, `--help` and the reference page say about it. */
export interface Setting {
  /** Integer, number, boolean, string, a union of string literals, or an array of strings (by commas). */
  readonly schema: TSchema;
  /** The value when the variable is not set; `null`: it may stay unset; absent: it has to be set. */
  readonly default?: unknown;
  /** What the number counts, for people: `seconds`, `MiB`. */
  readonly unit?: string;
  /** One sentence for operators. */
  readonly doc: string;
  /** Its value is never shown, not even in a complaint about it. */
  readonly secret?: true;
  /** It names a folder that the program writes to: `runDaemon` tries it before anything starts. */
  readonly isWrittenTo?: true;
}

/** Settings by the name of their environment variable. */
export type SettingsTable = Readonly<Record<string, Setting>>;

/** The value that a setting has after parsing. */
export type SettingValue<S extends Setting> =
  | Static<S['schema']>
  | (S extends { default: null } ? null : never);

/** The values of a whole table. */
export type SettingValues<T extends SettingsTable> = { readonly [Name in keyof T]: SettingValue<T[Name]> };

/** What parsing a table gives: all values, or every problem as a sentence. */
export type ParsedSettings<T extends SettingsTable> =
  | { kind: 'ok'; values: SettingValues<T> }
  | { kind: 'invalid'; problems: string[] };

/**
 * Declares settings. Only a check of types: a default has to fit its schema.
 *
 * @returns the table, unchanged
 */
export function defineSettings<const T extends SettingsTable>(
  table: T & { readonly [Name in keyof T]: { readonly default?: Static<T[Name]['schema']> | null } },
): T {
  return table;
}

const SHOWN_CHARACTERS_MAX = 80;

function complain(name: string, setting: Setting, text: string): string {
  const shown = setting.secret === true ? 'the secret' : `"${text.slice(0, SHOWN_CHARACTERS_MAX)}"`;
  return `Cannot use ${shown} as ${name}: it must be ${describeSchema(setting.schema)}`;
}

function parseOne(name: string, setting: Setting, text: string | undefined): ParsedText {
  // An empty variable counts as unset: compose files and unit files write `NAME=` for "none".
  if (text === undefined || text.trim() === '') {
    if ('default' in setting) return { kind: 'ok', value: setting.default };
    return { kind: 'invalid', problem: `Cannot start without ${name}: it is not set. ${setting.doc}` };
  }
  const parsed = parseText(setting.schema, text.trim());
  if (parsed.kind === 'ok' && Value.Check(setting.schema, parsed.value)) return parsed;
  return { kind: 'invalid', problem: complain(name, setting, text) };
}

/**
 * Reads the values of a table from environment variables.
 *
 * @param env the variables; names that are not in the table are not looked at
 * @returns all values, or all problems together, one sentence each
 */
export function parseSettings<T extends SettingsTable>(
  table: T,
  env: Readonly<Record<string, string | undefined>>,
): ParsedSettings<T> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(table)) {
    const parsed = parseOne(name, setting, env[name]);
    if (parsed.kind === 'ok') values[name] = parsed.value;
    else problems.push(parsed.problem);
  }
  if (problems.length > 0) return { kind: 'invalid', problems };
  // Each value was checked against its own schema above, which the compiler cannot follow through a loop.
  return { kind: 'ok', values: values as SettingValues<T> };
}

/** What a table comes to in an environment, for people: every problem, and the values of all others. */
export interface SettingsLook {
  /** By name, without secrets and without what cannot be used. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
}

/** Reads a table as {@link parseSettings} does, and goes on where that stops. */
export function lookAtSettings(table: SettingsTable, env: Environment): SettingsLook {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(table)) {
    const parsed = parseOne(name, setting, env[name]);
    if (parsed.kind === 'invalid') problems.push(parsed.problem);
    else if (setting.secret !== true) values[name] = parsed.value;
  }
  return { values, problems };
}
