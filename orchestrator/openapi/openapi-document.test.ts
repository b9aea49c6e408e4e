import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { API_ERRORS, parseGradingJob } from '@orca/protocol';
import { DOCUMENT_FILE, renderDocument } from './render-document.ts';

type Found = { path: string; value: unknown };

/** Every value in a document, with the path that leads to it. */
function* walk(value: unknown, path = '#'): Generator<Found> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, member] of Object.entries(value))
    yield* walk(member, `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

test('docs/reference/openapi.json is the document that the server sends', async () => {
  const kept: unknown = JSON.parse(await readFile(DOCUMENT_FILE, 'utf8'));
  assert.deepEqual(kept, JSON.parse(await renderDocument()), 'run "npm run docs:api"');
});

test('the document is what OpenAPI 3.1 says a document is', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(JSON.parse(await renderDocument()));
  assert.deepEqual(
    { version: validator.version, valid, errors },
    { version: '3.1', valid: true, errors: undefined },
  );
  const wrong = await validator.validate({ openapi: '3.1.0', info: { title: 'no version' }, paths: {} });
  assert.equal(wrong.valid, false);
});

test('every reference of the document leads to a schema, and each named schema is referred to', async () => {
  const found = [...walk(JSON.parse(await renderDocument()))];
  const places = new Set(found.map(({ path }) => path));
  const references = found.filter(({ path }) => path.endsWith('/$ref')).map(({ value }) => String(value));
  assert.ok(references.length > 0);
  assert.deepEqual(
    references.filter((reference) => !places.has(reference)),
    [],
  );
  const names = [...places].filter((path) => /^#\/components\/schemas\/[^/]+$/.test(path));
  assert.deepEqual(
    names.filter((name) => !references.includes(name)),
    [],
  );
});

test('every operation says what it is for, who may use it, and what it answers', async () => {
  const { paths, tags } = JSON.parse(await renderDocument());
  const known = tags.map(({ name }: { name: string }) => name);
  for (const [path, operations] of Object.entries<object>(paths))
    for (const [method, operation] of Object.entries(operations)) {
      const where = `${method} ${path}`;
      assert.ok(operation.summary, `${where} has a summary`);
      assert.ok(operation.tags?.length === 1 && known.includes(operation.tags[0]), `${where} has one tag`);
      assert.match(operation.description, /Public|Roles|workers only/, where);
      const done = Object.keys(operation.responses).filter((status) => status.startsWith('2'));
      assert.equal(done.length, 1, `${where} says what it answers`);
      for (const parameter of path.match(/\{\w+\}/g) ?? []) {
        const names = operation.parameters.map(({ name }: { name: string }) => `{${name}}`);
        assert.ok(names.includes(parameter), `${where} describes ${parameter}`);
      }
    }
});

test('each error of the table that a route throws stands at some operation; the others are "default"', async () => {
  const text = await renderDocument();
  const ofNoRoute = ['request_timeout', 'uri_too_long', 'headers_too_large', 'internal'];
  const notYetUsed = ['invalid_script', 'method_not_allowed'];
  const missing = Object.keys(API_ERRORS).filter((code) => !text.includes(`\`${code}\`:`));
  assert.deepEqual(
    missing.filter((code) => ![...ofNoRoute, ...notYetUsed].includes(code)),
    [],
  );
});

test('the example of a grading job in the document is a valid one', async () => {
  const { components } = JSON.parse(await renderDocument());
  const [example] = components.schemas.GradingJob.examples;
  assert.deepEqual(Object.assign({ errors: [] }, parseGradingJob(example)).errors, []);
});
