import { EngineError } from './engine-error.ts';

// What the engine says is data from outside: each field is looked at before it is believed.

/** The member of an object in an answer; `undefined` when it is none or has none. */
export function fieldAt(value: unknown, ...path: string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

/**
 * A text in an answer.
 *
 * @throws {EngineError} `engine_answer_invalid` when there is none
 */
export function stringAt(value: unknown, ...path: string[]): string {
  const found = fieldAt(value, ...path);
  if (typeof found === 'string') return found;
  throw new EngineError(
    'engine_answer_invalid',
    `Cannot read "${path.join('.')}" of an answer: it is no text`,
  );
}

/**
 * A number in an answer.
 *
 * @throws {EngineError} `engine_answer_invalid` when there is none
 */
export function numberAt(value: unknown, ...path: string[]): number {
  const found = fieldAt(value, ...path);
  if (typeof found === 'number') return found;
  throw new EngineError(
    'engine_answer_invalid',
    `Cannot read "${path.join('.')}" of an answer: it is no number`,
  );
}

/** The texts of a list in an answer; engines write `null` for an empty one. */
export function stringsAt(value: unknown, ...path: string[]): string[] {
  const found = fieldAt(value, ...path);
  return Array.isArray(found) ? found.filter((item) => typeof item === 'string') : [];
}

/** The texts of an object in an answer, by name; engines write `null` for an empty one. */
export function textsByName(value: unknown, ...path: string[]): Record<string, string> {
  const found = fieldAt(value, ...path);
  if (typeof found !== 'object' || found === null) return {};
  return Object.fromEntries(Object.entries(found).filter(([, text]) => typeof text === 'string'));
}

/** The names of an object's members in an answer; engines write `null` for an empty one. */
export function namesAt(value: unknown, ...path: string[]): string[] {
  const found = fieldAt(value, ...path);
  return typeof found === 'object' && found !== null ? Object.keys(found) : [];
}

/** A text in an answer that may lack it; '' when there is none. */
export function textAt(value: unknown, ...path: string[]): string {
  const found = fieldAt(value, ...path);
  return typeof found === 'string' ? found : '';
}

/** A time in an answer that may lack it; `null` when there is none, or none that can be. */
export function timeAt(value: unknown, ...path: string[]): Date | null {
  const time = new Date(textAt(value, ...path));
  return Number.isNaN(time.getTime()) ? null : time;
}
