import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { checkGradingScript } from './check-script.ts';
import { explainMismatch, isJsonObject } from './explain-mismatch.ts';
import { GradingJobSchema } from './grading-job.ts';
import { rootPath } from './json-path.ts';
import { parseGradingJob } from './parse-grading-job.ts';
import { arbitraryScript } from './testing/arbitrary-script.ts';
import { validJob } from './testing/valid-job.ts';

/** Names that make trouble, beside those of the contract. */
const NAMES = [
  'key',
  'cmd',
  'on_fail',
  'on_complete',
  'label',
  'x y',
  'a.b',
  '__proto__',
  'constructor',
  '',
  '[0]',
];

const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    '\0',
    '\ud800',
    'next',
    'output',
    'abort',
    'nope',
    -1,
    0.5,
    1e308,
    Infinity,
  ),
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.integer(),
  fc.jsonValue({ maxDepth: 3 }),
  arbitraryScript,
);

interface Spoil {
  readonly pick: number;
  readonly how: 'replace' | 'remove' | 'add';
  readonly name: string;
  readonly value: unknown;
}

const spoils = fc.array(
  fc.record<Spoil>({
    pick: fc.nat(),
    how: fc.constantFrom('replace', 'remove', 'add'),
    name: fc.constantFrom(...NAMES),
    value: junk,
  }),
  { minLength: 1, maxLength: 4 },
);

/** All objects and lists in a value. */
function containersOf(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(containersOf)];
}

/** Changes the value in one place. */
function spoil(value: unknown, { pick, how, name, value: other }: Spoil): void {
  const containers = containersOf(value);
  const container = containers[pick % containers.length];
  if (!container) return;
  const names = Object.keys(container);
  const chosen = how === 'add' && !Array.isArray(container) ? name : names[pick % Math.max(1, names.length)];
  if (chosen === undefined) return;
  if (how === 'remove' && !Array.isArray(container)) Reflect.deleteProperty(container, chosen);
  else {
    const replaced = { value: structuredClone(other), enumerable: true, configurable: true, writable: true };
    Object.defineProperty(container, chosen, replaced);
  }
}

const TOKEN = /^(?:\.?([A-Za-z_$][\w$-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\])/;

/** Whether the path at a sentence's beginning leads to something, or (`is missing`) to where it would be. */
function leadsSomewhere(root: unknown, sentence: string): boolean {
  let at: unknown = root;
  let rest = sentence;
  while (!/^…?: /.test(rest)) {
    const token = TOKEN.exec(rest);
    if (!token) return false;
    rest = rest.slice(token[0].length);
    const name: string = token[1] ?? token[2] ?? JSON.parse(token[3] ?? '""');
    if (typeof at !== 'object' || at === null) return false;
    if (!Object.hasOwn(at, name)) return /^: is missing; must be /.test(rest);
    at = Object.getOwnPropertyDescriptor(at, name)?.value;
  }
  return true;
}

test('every sentence about a job begins with a path that exists, and is at most 300 characters long', () => {
  let refused = 0;
  fc.assert(
    fc.property(arbitraryScript, spoils, (script, changes) => {
      const job: unknown = structuredClone({ ...validJob(), script });
      for (const change of changes) spoil(job, change);
      const parsed = parseGradingJob(job);
      if (parsed.kind === 'valid') return;
      refused++;
      assert.ok(parsed.errors.length >= 1 && parsed.errors.length <= 10);
      for (const error of parsed.errors) {
        assert.ok(error.length <= 300, error);
        assert.ok(error.startsWith('body: must be') || leadsSomewhere(job, error), error);
      }
    }),
    { numRuns: 2000 },
  );
  assert.ok(refused > 500, `${refused} of 2000 were refused`);
});

test('every sentence about a script begins with a path that exists', () => {
  fc.assert(
    fc.property(arbitraryScript, spoils, (valid, changes) => {
      const script: unknown = structuredClone(valid);
      for (const change of changes) spoil(script, change);
      for (const error of checkGradingScript(script)) assert.ok(leadsSomewhere({ script }, error), error);
    }),
    { numRuns: 2000 },
  );
});

test('explainMismatch() lets nothing through that TypeBox refuses', () => {
  fc.assert(
    fc.property(fc.option(arbitraryScript, { nil: [{ cmd: 'a' }] }), spoils, (script, changes) => {
      const job: unknown = structuredClone({
        ...validJob(),
        script: script.slice(0, 2),
        limits: {},
        network: 'none',
      });
      for (const change of changes) spoil(job, change);
      const [problem] = explainMismatch(GradingJobSchema, job, rootPath(''));
      if (problem === undefined) assert.ok(Value.Check(GradingJobSchema, job));
    }),
    { numRuns: 300 },
  );
});

test('explainMismatch() is lazy: the first problem costs no look at the rest', () => {
  const list = Type.Array(Type.Integer());
  const huge = new Proxy([], {
    get: (target, name) => {
      if (name === 'length') return 1e9;
      return typeof name === 'string' && /^\d+$/.test(name) ? 'wrong' : Reflect.get(target, name);
    },
  });
  const [problem] = explainMismatch(list, huge, rootPath('x'));
  assert.equal(problem, 'x[0]: must be an integer, is the string "wrong"');
});

test('explainMismatch() refuses to guess at kinds of schemas that it does not know', () => {
  assert.throws(() => [...explainMismatch(Type.Tuple([Type.String()]), [], rootPath('x'))], {
    name: 'TypeError',
    message: /Cannot explain "x"/,
  });
});

test('isJsonObject() is false for lists and null', () => {
  assert.deepEqual([{}, [], null, 'x', undefined].map(isJsonObject), [true, false, false, false, false]);
});
