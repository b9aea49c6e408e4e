import Type, { type Static } from 'typebox';
import { fitsSchema } from './explain-mismatch.ts';
import { CollationSchema, METADATA_ENTRIES_MAX, ShaSchema } from './grading-job.ts';
import { rootPath, sentenceAt } from './json-path.ts';

/** Most jobs that one request changes, and most ids that its answer names. */
export const BULK_JOBS_MAX = 2_000;
export const BULK_IDS_SHOWN_MAX = 100;

const ANY_TEXT_PATTERN = '^[\\s\\S]*$';
/** ISO 8601 in UTC, as answers have it. */
const MOMENT_PATTERN = '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,6})?Z$';
const MomentSchema = Type.String({ pattern: MOMENT_PATTERN });

const StateSchema = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('held'),
  Type.Literal('grading'),
  Type.Literal('finished'),
]);
type State = Static<typeof StateSchema>;

/** The body of `POST /grading_queue/bulk`: one action for all jobs that have all of the filter. */
export const BulkOrderSchema = Type.Object(
  {
    action: Type.Union([
      Type.Literal('cancel'),
      Type.Literal('release'),
      Type.Literal('delay'),
      Type.Literal('regrade'),
    ]),
    filter: Type.Object(
      {
        state: Type.Optional(StateSchema),
        client: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
        collation: Type.Optional(CollationSchema),
        metadata_table: Type.Optional(
          Type.Record(Type.String({ pattern: ANY_TEXT_PATTERN }), Type.String(), {
            maxProperties: METADATA_ENTRIES_MAX,
          }),
        ),
        grader_image_sha: Type.Optional(ShaSchema),
        arrived_after: Type.Optional(MomentSchema),
        arrived_before: Type.Optional(MomentSchema),
      },
      { additionalProperties: false },
    ),
    dry_run: Type.Boolean({ description: 'true: only count, change nothing.' }),
  },
  { additionalProperties: false },
);

/** The body of `POST /grading_queue/bulk`. */
export type BulkOrder = Static<typeof BulkOrderSchema>;

const Count = Type.Integer({ minimum: 0 });

/** The answer of `POST /grading_queue/bulk`. */
export const BulkAnswerSchema = Type.Object(
  {
    matched: Type.Integer({ minimum: 0, description: `Jobs that were found, at most ${BULK_JOBS_MAX}.` }),
    has_more: Type.Boolean({
      description:
        'There are more: repeat the request for those. To regrade, with `as_of` of the first answer as `arrived_before`: else what was graded meanwhile is graded again.',
    }),
    as_of: Type.String({
      pattern: MOMENT_PATTERN,
      description: "By the database's clock, just before it looked for jobs.",
    }),
    changed: Count,
    skipped: Type.Integer({ minimum: 0, description: 'Jobs that were elsewhere when their turn came.' }),
    ids: Type.Array(Type.Integer(), {
      description: `Of the jobs that were found, ${BULK_IDS_SHOWN_MAX} at most.`,
    }),
  },
  { additionalProperties: false },
);

/** The answer of `POST /grading_queue/bulk`. */
export type BulkAnswer = Static<typeof BulkAnswerSchema>;

/** Where jobs may be for an action. */
export const BULK_STATES = {
  cancel: ['waiting', 'held', 'grading'],
  release: ['waiting', 'held'],
  delay: ['waiting', 'held'],
  regrade: ['finished'],
} as const satisfies Record<BulkOrder['action'], readonly State[]>;

/** A body checked: the order with the states that it means, or every problem as a sentence. */
export type ParsedBulkOrder =
  | { readonly kind: 'valid'; readonly order: BulkOrder; readonly states: readonly State[] }
  | { readonly kind: 'invalid'; readonly errors: string[] };

/**
 * Checks the body of `POST /grading_queue/bulk`. A filter must say something: nobody cancels everything by leaving it out.
 *
 * @returns the order, or at most `ERRORS_MAX` sentences, each beginning with the path of the culprit
 */
export function parseBulkOrder(value: unknown): ParsedBulkOrder {
  const errors: string[] = [];
  if (!fitsSchema(BulkOrderSchema, value, rootPath(''), errors)) return { kind: 'invalid', errors };
  const path = rootPath('filter');
  const { action, filter } = value;
  const allowed: readonly State[] = BULK_STATES[action];
  if (Object.keys(filter).length === 0)
    errors.push(sentenceAt(path, 'must name at least one field; {"state": "waiting"} means all that wait'));
  if (filter.state !== undefined && !allowed.includes(filter.state))
    errors.push(`filter.state: must be one of ${allowed.join(', ')} for "${action}"`);
  for (const name of ['arrived_after', 'arrived_before'] as const)
    if (Number.isNaN(Date.parse(filter[name] ?? '2000-01-01')))
      errors.push(`filter.${name}: must be a moment such as 2026-11-24T18:00:00Z`);
  if (JSON.stringify(filter).includes('\\u0000')) errors.push(sentenceAt(path, 'must not contain NUL'));
  if (errors.length > 0) return { kind: 'invalid', errors };
  return { kind: 'valid', order: value, states: filter.state === undefined ? allowed : [filter.state] };
}
