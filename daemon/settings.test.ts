import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { defineSettings, lookAtSettings, parseSettings } from './settings.ts';

const table = defineSettings({
  ENVIRONMENT: { schema: Type.Enum(['development', 'production']), default: 'development', doc: 'Where.' },
  API_PORT: { schema: Type.Integer({ minimum: 0, maximum: 65_535 }), default: 4000, doc: 'The port.' },
  ORCA_SHARE: { schema: Type.Number({ minimum: 0 }), default: 0.5, doc: 'A share.' },
  ORCA_STRICT: { schema: Type.Boolean(), default: false, doc: 'Strictly?' },
  ORCA_HOSTS: { schema: Type.Array(Type.String()), default: [], doc: 'Hosts.' },
  ORCA_RUNTIME: { schema: Type.String(), default: null, doc: 'The runtime.' },
  POSTGRES_URL: {
    schema: Type.String({ pattern: '^postgres', description: 'a postgres:// address' }),
    secret: true,
    doc: 'The database.',
  },
});

const URL_OF_DATABASE = 'postgres://orca:hunter2@db/orca';

test('parseSettings() gives every value in its kind', () => {
  const parsed = parseSettings(table, {
    ENVIRONMENT: 'PRODUCTION',
    API_PORT: ' 0 ',
    ORCA_SHARE: '0.25',
    ORCA_STRICT: 'yes',
    ORCA_HOSTS: 'a.edu, b.edu,',
    ORCA_RUNTIME: 'runsc',
    POSTGRES_URL: URL_OF_DATABASE,
  });
  assert.deepEqual(parsed, {
    kind: 'ok',
    values: {
      ENVIRONMENT: 'production',
      API_PORT: 0,
      ORCA_SHARE: 0.25,
      ORCA_STRICT: true,
      ORCA_HOSTS: ['a.edu', 'b.edu'],
      ORCA_RUNTIME: 'runsc',
      POSTGRES_URL: URL_OF_DATABASE,
    },
  });
});

test('parseSettings() takes an empty variable for an unset one, and the default for it', () => {
  const parsed = parseSettings(table, { API_PORT: '', ORCA_HOSTS: ' ', POSTGRES_URL: URL_OF_DATABASE });
  assert.equal(parsed.kind, 'ok');
  assert.deepEqual(
    parsed.kind === 'ok' && [parsed.values.API_PORT, parsed.values.ORCA_HOSTS, parsed.values.ORCA_RUNTIME],
    [4000, [], null],
  );
});

test('parseSettings() tells all problems together, each with its name and what is allowed', () => {
  const parsed = parseSettings(table, {
    ENVIRONMENT: 'prod',
    API_PORT: '65536',
    ORCA_SHARE: 'half',
    ORCA_STRICT: '2',
  });
  assert.deepEqual(parsed, {
    kind: 'invalid',
    problems: [
      'Cannot use "prod" as ENVIRONMENT: it must be development or production',
      'Cannot use "65536" as API_PORT: it must be a whole number from 0 to 65535',
      'Cannot use "half" as ORCA_SHARE: it must be a number of at least 0',
      'Cannot use "2" as ORCA_STRICT: it must be true or false',
      'Cannot start without POSTGRES_URL: it is not set. The database.',
    ],
  });
});

test('parseSettings() never shows a secret, not even a wrong one', () => {
  const parsed = parseSettings(table, { POSTGRES_URL: 'mysql://orca:hunter2@db/orca' });
  assert.deepEqual(parsed, {
    kind: 'invalid',
    problems: ['Cannot use the secret as POSTGRES_URL: it must be a postgres:// address'],
  });
});

for (const text of ['1e3', '0x10', '12abc', '1.5', 'Infinity', '--1']) {
  test(`parseSettings() refuses "${text}" for a whole number`, () => {
    assert.equal(parseSettings(table, { API_PORT: text, POSTGRES_URL: URL_OF_DATABASE }).kind, 'invalid');
  });
}

test('lookAtSettings() goes on behind a problem, and tells no secret', () => {
  const look = lookAtSettings(table, { API_PORT: 'x', POSTGRES_URL: URL_OF_DATABASE });
  assert.deepEqual(look.values, {
    ENVIRONMENT: 'development',
    ORCA_SHARE: 0.5,
    ORCA_STRICT: false,
    ORCA_HOSTS: [],
    ORCA_RUNTIME: null,
  });
  assert.equal(look.problems.length, 1);
  assert.match(lookAtSettings(table, {}).problems[0] ?? '', /POSTGRES_URL: it is not set/);
});
