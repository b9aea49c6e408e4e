import assert from 'node:assert/strict';
import Schema from 'typebox/schema';

/** An answer as it came. */
type Answer = { status: number; type: string | null; text: string };

/** The page and its files are no part of the API. */
const PAGE = /^\w+ \/docs(\/|$)/;

/**
 * Reads the OpenAPI document of a running server.
 *
 * @returns a function that fails for an answer that is not as the document says: a status that it does not name, a field
 *   that it does not know or that is missing, a value of another type
 */
export async function readDocument(url: string): Promise<(route: string, answer: Answer) => void> {
  const { paths, components } = Object(await (await fetch(`${url}/api/v1/openapi.json`)).json());
  return (route, answer) => {
    if (PAGE.test(route)) return;
    const [method = '', path = ''] = route.split(' ');
    const operations = paths[path.replaceAll(/:(\w+)/g, '{$1}')];
    // A HEAD that the framework made of a GET answers as it does, without a body.
    const operation = operations?.[method.toLowerCase()] ?? (method === 'HEAD' ? operations?.get : undefined);
    assert.ok(operation, `${route} is in the document`);
    const said = operation.responses[answer.status];
    assert.ok(said, `${route} answered ${answer.status}, of which the document says nothing`);
    if (method === 'HEAD' || said.content === undefined) return assert.equal(answer.text, '', route);
    const type = answer.type?.split(';')[0] ?? '';
    assert.ok(said.content[type], `${route} answered with a body of type ${type}`);
    if (type !== 'application/json') return;
    const schema = closed({ ...said.content[type].schema, components });
    const [fits, errors] = Schema.Errors(schema, JSON.parse(answer.text));
    assert.ok(fits, `${route} answered ${answer.text.slice(0, 500)}: ${JSON.stringify(errors)}`);
  };
}

/** Lets no object have fields that its schema does not name. */
function closed(schema: unknown): object {
  const close = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(close);
    if (typeof value !== 'object' || value === null) return value;
    const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, close(member)]));
    const isOpen = value !== null && 'properties' in value && !('additionalProperties' in value);
    return isOpen && typeof members['properties'] === 'object' && 'type' in value
      ? { ...members, additionalProperties: false }
      : members;
  };
  return Object(close(schema));
}
