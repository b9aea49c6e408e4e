/** A member of a JSON object; `undefined` where there is none, or no object. */
export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

/** A member that is a text, or `null`. */
export function textOf(value: unknown, name: string): string | null {
  const field = fieldOf(value, name);
  return typeof field === 'string' ? field : null;
}

/** A member that is a number, or `null`. */
export function numberOf(value: unknown, name: string): number | null {
  const field = fieldOf(value, name);
  return typeof field === 'number' ? field : null;
}

/** The items of a member that is a list; none where it is not. */
export function listOf(value: unknown, name: string): unknown[] {
  const field = fieldOf(value, name);
  return Array.isArray(field) ? field : [];
}

/** The texts in a member that is a list. */
export function textsOf(value: unknown, name: string): string[] {
  return listOf(value, name).filter((item) => typeof item === 'string');
}
