import Type, { type Static } from 'typebox';
import { fitsSchema } from './explain-mismatch.ts';
import { rootPath } from './json-path.ts';

/** Where a job may be moved: before everything that waits, or behind it. */
export const MoveActionSchema = Type.Union([Type.Literal('release'), Type.Literal('delay')]);

/** Where a job may be moved: before everything that waits, or behind it. */
export type MoveAction = Static<typeof MoveActionSchema>;

/** The body of `PUT /grading_queue/move`. */
export const MoveOrderSchema = Type.Object(
  {
    jobID: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    moveAction: MoveActionSchema,
  },
  { additionalProperties: false },
);

/** What a move and a cancel answer. */
export const SteeredAnswerSchema = Type.Object({ message: Type.Literal('OK') });

/** An order to move a job. */
export type MoveOrder = Static<typeof MoveOrderSchema>;

/** A body checked: the order, or every problem as a sentence. */
export type ParsedMoveOrder =
  | { readonly kind: 'valid'; readonly order: MoveOrder }
  | { readonly kind: 'invalid'; readonly errors: string[] };

/**
 * Checks the body of `PUT /grading_queue/move`.
 *
 * @returns the order, or at most `ERRORS_MAX` sentences, each beginning with the path of the culprit
 */
export function parseMoveOrder(value: unknown): ParsedMoveOrder {
  const errors: string[] = [];
  if (!fitsSchema(MoveOrderSchema, value, rootPath(''), errors)) return { kind: 'invalid', errors };
  return { kind: 'valid', order: value };
}
