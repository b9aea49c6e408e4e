/**
 * Replaces `{{name}}` in every text of a JSON value, however deep; names of members stay as they are.
 *
 * @throws {Error} when a text asks for a name that has no value
 */
export function fillTemplate(template: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof template === 'string')
    return template.replace(/\{\{(\w+)\}\}/g, (_, name) => lookUp(name, values));
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, values));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, member]) => [name, fillTemplate(member, values)]),
  );
}

function lookUp(name: string, values: ReadonlyMap<string, string>): string {
  const value = values.get(name);
  if (value === undefined)
    throw new Error(`Cannot fill in "{{${name}}}": known are ${[...values.keys()].join(', ')}`);
  return value;
}
