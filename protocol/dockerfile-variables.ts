import { type DockerfileStage, isBaseReference } from './dockerfile-stages.ts';
import { quotedWords } from './dockerfile-words.ts';
import type { DockerfileInstruction } from './parse-dockerfile.ts';

/** What is certain of the variables at a place of a Dockerfile: their short, plain values; `null` for other ones. */
export interface Variables {
  readonly env: Map<string, string | null>;
  readonly args: Map<string, string | null>;
  /** The `ARG`s of the preamble. */
  readonly globals: ReadonlyMap<string, string | null>;
  /** Whether the stage begins with our base, or with nothing: another image may have an `ENV` that goes before an `ARG`. */
  readonly areArgsKnown: boolean;
  /** Whether one was set under a name that this does not read, or too many were: nothing is known from there on. */
  isLost: boolean;
}

/** Most `ENV`s that are followed: each stage that is built on another has them anew. */
const VARIABLES_MAX = 1_000;
/** Without quotes, escapes and variables; no longer than a range of ports is. */
const PLAIN_VALUE = /^[A-Za-z0-9/-]{0,20}$/;
const ASSIGNMENT = /^(?<name>[A-Za-z_][A-Za-z0-9_]*)(?:=(?<value>.*))?$/s;
/** `ENV NAME value`. */
const OLD_FORM = /^(?<name>[A-Za-z_][A-Za-z0-9_]*)[\t ]+(?<value>.+)$/s;
const REFERENCE = /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g;
/** The builder parts words there, too. */
const OTHER_SPACE = /[^\S\t ]/;

/** Before the first stage. */
export function openPreamble(): Variables {
  return { env: new Map(), args: new Map(), globals: new Map(), areArgsKnown: true, isLost: false };
}

/**
 * Where a stage begins.
 *
 * @param parent of the stage that it is built on, at its end: it has its `ENV`s, and not its `ARG`s
 */
export function openStage({ image }: DockerfileStage, preamble: Variables, parent?: Variables): Variables {
  return {
    env: new Map(parent?.env),
    args: new Map(),
    globals: preamble.args,
    areArgsKnown: parent?.areArgsKnown ?? (image === 'scratch' || isBaseReference(image)),
    isLost: preamble.isLost || parent?.isLost === true,
  };
}

/** Sets what `ENV` and `ARG` set. */
export function setVariables(
  { name: instruction, args }: DockerfileInstruction,
  variables: Variables,
  escapeCharacter: string,
): void {
  if (instruction !== 'ENV' && instruction !== 'ARG') return;
  if (OTHER_SPACE.test(args)) variables.isLost = true;
  const oldForm = instruction === 'ENV' ? OLD_FORM.exec(args) : null;
  const words = quotedWords(args, escapeCharacter).map((word) => ASSIGNMENT.exec(word));
  // All are filled in before any is set. What an ARG makes of others depends on the engine's age.
  const known = instruction === 'ENV' ? variables : openPreamble();
  const set = (oldForm === null ? words : [oldForm]).map((word) => {
    const { name, value } = word?.groups ?? {};
    return { name, value: value === undefined ? undefined : fillIn(value, known) };
  });
  for (const { name, value } of set) {
    const isBare = value === undefined;
    const isFull = variables.env.size >= VARIABLES_MAX;
    if (name === undefined || isFull || (isBare && instruction === 'ENV')) variables.isLost = true;
    else if (instruction === 'ENV') variables.env.set(name, value ?? null);
    else variables.args.set(name, isBare ? (variables.globals.get(name) ?? null) : value);
  }
}

/**
 * Fills variables in as the builder does, where it is certain how; takes one pair of quotes away.
 *
 * @returns `null` where it is not
 */
export function fillIn(text: string, variables: Variables): string | null {
  const isLiteral = text.length > 1 && text.startsWith("'") && text.endsWith("'");
  const isQuoted = isLiteral || (text.length > 1 && text.startsWith('"') && text.endsWith('"'));
  const bare = isQuoted ? text.slice(1, -1) : text;
  // What is not known stays, with a character that no plain value has.
  const filledIn = isLiteral
    ? bare
    : bare.replace(
        REFERENCE,
        (reference: string, plain?: string, braced?: string) =>
          knownValue(plain ?? braced ?? '', variables) ?? reference,
      );
  return PLAIN_VALUE.test(filledIn) ? filledIn : null;
}

/** An `ENV` goes before an `ARG`, wherever they stand. */
function knownValue(name: string, { env, args, areArgsKnown, isLost }: Variables): string | null {
  if (isLost) return null;
  if (env.has(name)) return env.get(name) ?? null;
  return areArgsKnown ? (args.get(name) ?? null) : null;
}
