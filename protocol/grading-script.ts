import Type, { type Static } from 'typebox';
import { own } from './schema-keywords.ts';

/** Most commands in one script, sub-scripts included. */
export const SCRIPT_COMMANDS_MAX = 256;
/** How deep sub-scripts may stand in one another; the script itself is at depth 0. */
export const SCRIPT_NESTING_MAX = 16;
/** Most bytes of a `cmd` that is a string, or of one item of a list. */
export const COMMAND_BYTES_MAX = 32 * 1024;
/** Most items of a `cmd` that is a list. */
export const COMMAND_ITEMS_MAX = 256;
/** Most characters of a label. */
export const LABEL_CHARACTERS_MAX = 64;
/** Most bytes of `working_dir` and `condition.path`: Linux's own PATH_MAX. */
export const PATH_BYTES_MAX = 4096;
/** The timeout of a command that names none, in seconds. */
export const COMMAND_TIMEOUT_SECONDS_DEFAULT = 60;

const Label = Type.String({ minLength: 1, maxLength: LABEL_CHARACTERS_MAX });
const Path = Type.String({ minLength: 1, ...own({ 'x-max-bytes': PATH_BYTES_MAX }) });

const EdgeSchema = Type.Union([Type.Integer({ minimum: 0 }), Label, Type.Array(Type.Ref('ScriptCommand'))], {
  ...own({ 'x-allowed': '"next", an index, a label or a list of commands' }),
});
const OnComplete = Type.Union([Type.Integer({ minimum: 0 }), Label, Type.Array(Type.Ref('ScriptCommand'))], {
  ...own({ 'x-allowed': '"next", "output", an index, a label or a list of commands' }),
});
const OnFail = Type.Union([Type.Integer({ minimum: 0 }), Label, Type.Array(Type.Ref('ScriptCommand'))], {
  ...own({ 'x-allowed': '"next", "abort", an index, a label or a list of commands' }),
});

const CommandText = Type.String({
  minLength: 1,
  ...own({ 'x-max-bytes': COMMAND_BYTES_MAX }),
});

const Shell = Type.Object(
  {
    cmd: Type.Union(
      [
        CommandText,
        Type.Array(Type.String({ ...own({ 'x-max-bytes': COMMAND_BYTES_MAX }) }), {
          minItems: 1,
          maxItems: COMMAND_ITEMS_MAX,
        }),
      ],
      {
        description: 'A string goes to /bin/sh -c; a list is executed directly: program, then arguments.',
        ...own({ 'x-allowed': 'a command line or a list of a program and its arguments' }),
      },
    ),
    on_complete: Type.Optional(OnComplete),
    on_fail: Type.Optional(OnFail),
    label: Type.Optional(Label),
    working_dir: Type.Optional(Path),
    timeout: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        // Above this JSON numbers are no longer exact: a sign of a mistake, not of patience.
        maximum: Number.MAX_SAFE_INTEGER,
        default: COMMAND_TIMEOUT_SECONDS_DEFAULT,
        description: 'Seconds; one above the limit of the job has no further effect.',
      }),
    ),
    keep_processes: Type.Optional(
      Type.Boolean({ description: 'What still runs when the command ends may run on.' }),
    ),
  },
  { additionalProperties: false },
);

const Conditional = Type.Object(
  {
    condition: Type.Object(
      {
        predicate: Type.Union([Type.Literal('exists'), Type.Literal('file'), Type.Literal('dir')]),
        path: Path,
      },
      { additionalProperties: false },
    ),
    on_true: Type.Optional(EdgeSchema),
    on_false: Type.Optional(EdgeSchema),
    label: Type.Optional(Label),
  },
  { additionalProperties: false },
);

const definitions = {
  ShellCommand: Shell,
  ConditionalCommand: Conditional,
  ScriptCommand: Type.Union([Type.Ref('ShellCommand'), Type.Ref('ConditionalCommand')], {
    ...own({ 'x-allowed': 'a command: an object with "cmd", or one with "condition"' }),
  }),
  GradingScript: Type.Array(Type.Ref('ScriptCommand'), {
    minItems: 1,
    maxItems: SCRIPT_COMMANDS_MAX,
    ...own({ 'x-allowed': `a list of 1 to ${SCRIPT_COMMANDS_MAX} commands` }),
  }),
};

/**
 * The grading script on the wire: what of it a schema can say. Labels, indices, cycles and sizes over the whole script
 * are checked by `checkGradingScript`.
 *
 * @see docs/glossary.md, and check-script.ts
 */
export const GradingScriptSchema = Type.Cyclic(definitions, 'GradingScript');

/** A list of commands that encodes an acyclic control-flow graph. */
export type GradingScript = Static<typeof GradingScriptSchema>;

/** One command of a script: it runs something, or it branches. */
export type ScriptCommand = GradingScript[number];

/** A command that runs a program; exit status 0 follows `on_complete`, anything else `on_fail`. */
export type ShellCommand = Extract<ScriptCommand, { cmd: unknown }>;

/** A command that looks at the file system and branches. */
export type ConditionalCommand = Extract<ScriptCommand, { condition: unknown }>;

/** Where a command leads: an index in its own list, `"next"` or a label, or a sub-script. */
export type Edge = number | string | ScriptCommand[];

/** What a condition can ask about a path. */
export type Predicate = ConditionalCommand['condition']['predicate'];
