import Type, { type Static } from 'typebox';
import { oneOf, orNull, TimeSchema } from './answer-parts.ts';
import { fitsSchema } from './explain-mismatch.ts';
import { JobLocationSchema } from './job-status.ts';
import { rootPath } from './json-path.ts';
import { PageLinkSchema } from './queue-list.ts';

const OUTCOMES = ['delivered', 'refused', 'given_up', 'retry'] as const;

/** A delivery with its last try, as lists show it. */
export const DeliverySchema = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  kind: oneOf(['status', 'result', 'image']),
  client: Type.String({ description: 'The hostname that it goes to.' }),
  job_id: orNull(Type.Integer({ minimum: 1 })),
  generation: orNull(Type.Integer({ minimum: 1 })),
  location: orNull(JobLocationSchema),
  image_sha: orNull(Type.String()),
  webhook_id: Type.String({ description: 'The same on every try.' }),
  state: oneOf(['pending', 'delivered', 'refused', 'given_up', 'dropped']),
  is_under_way: Type.Boolean({ description: 'A server is POSTing it now.' }),
  sent_again: Type.Integer({ minimum: 0, description: 'How often staff had it sent again.' }),
  attempts: Type.Integer({ minimum: 0, description: 'Tries since it was made, or sent again.' }),
  created_at: TimeSchema,
  ended_at: orNull(TimeSchema),
  next_try_at: orNull(TimeSchema),
  last_try: orNull(
    Type.Object({ at: TimeSchema, status_code: orNull(Type.Integer()), error: orNull(Type.String()) }),
  ),
});

/** What `GET /deliveries` answers. */
export const DeliveryListSchema = Type.Object({
  deliveries: Type.Array(DeliverySchema, { description: 'The newest first.' }),
  prev: Type.Optional(PageLinkSchema),
  next: Type.Optional(PageLinkSchema),
});

/** What `GET /deliveries/:id` answers: a delivery with its tries. */
export const DeliveryWithTriesSchema = Type.Object({
  ...DeliverySchema.properties,
  tries: Type.Array(
    Type.Object({
      round: Type.Integer({ minimum: 1, description: 'One more each time that it was sent again.' }),
      attempt: Type.Integer({ minimum: 1 }),
      ended_at: TimeSchema,
      outcome: oneOf(OUTCOMES),
      status_code: orNull(Type.Integer()),
      duration_ms: Type.Integer({ minimum: 0 }),
      answer_start: Type.String({ description: 'The first KiB of what the client answered.' }),
      error: orNull(Type.String()),
    }),
    { description: 'The newest first, at most 100.' },
  ),
});

/** What `POST /deliveries/:id/send_again` answers. */
export const SentAgainAnswerSchema = Type.Object({ message: Type.Literal('OK') });

/** What `POST /deliveries/send_again` answers. */
export const AllSentAgainAnswerSchema = Type.Object({
  message: Type.Literal('OK'),
  matched: Type.Integer({ minimum: 0, description: 'Those that can be sent again, at most 10,000.' }),
  sent_again: Type.Integer({ minimum: 0, description: 'As many, or 0 with dry_run.' }),
  is_complete: Type.Boolean({ description: 'False: there are more; send the request again.' }),
});

/** The body of `POST /deliveries/send_again`: all of a host that were not taken. */
export const SendAgainOrderSchema = Type.Object(
  {
    client: Type.String({ minLength: 1, maxLength: 253, description: 'A hostname.' }),
    state: Type.Optional(Type.Union([Type.Literal('refused'), Type.Literal('given_up')])),
    dry_run: Type.Optional(Type.Boolean({ description: 'Only count them.' })),
  },
  { additionalProperties: false },
);

/** The order to send all of a host again; without `state` both what it refused and what was given up. */
export type SendAgainOrder = Static<typeof SendAgainOrderSchema>;

/** Checks the body of `POST /deliveries/send_again`. */
export function parseSendAgainOrder(
  value: unknown,
):
  | { readonly kind: 'valid'; readonly order: SendAgainOrder }
  | { readonly kind: 'invalid'; readonly errors: string[] } {
  const errors: string[] = [];
  if (!fitsSchema(SendAgainOrderSchema, value, rootPath(''), errors)) return { kind: 'invalid', errors };
  return { kind: 'valid', order: value };
}
