import Type, { type Static } from 'typebox';
import { CollationSchema, ShaSchema } from './grading-job.ts';

/** Most jobs of one page of the queue, and the furthest page. */
export const QUEUE_PAGE_MAX = 50;
export const QUEUE_OFFSET_MAX = 10_000;

const WholeNumber = Type.Integer({ minimum: 0 });
const Moment = Type.String({ format: 'date-time' });

/** A waiting job in the list of the queue. It has neither `key` nor any URL: both may hold secrets. */
export const QueuedJobSchema = Type.Object(
  {
    id: Type.Integer({ minimum: 1 }),
    state: Type.Literal('waiting'),
    client: Type.String({ description: 'Hostname of response_url.' }),
    collation: CollationSchema,
    metadata_table: Type.Record(Type.String(), Type.String()),
    priority: Type.Number({ description: 'As it came: the delay in seconds that was asked for.' }),
    generation: Type.Integer({ minimum: 1, description: 'Counts the contents that the job was given.' }),
    is_immediate: Type.Boolean(),
    grader_image_sha: ShaSchema,
    faults: Type.Integer({
      minimum: 0,
      description: "Runs that ended by Orca's own fault; such a job waits a while before the next one.",
    }),
    created_at: Type.String({
      format: 'date-time',
      description: 'When the PUT came that gave it its place.',
    }),
    release_at: Type.Union([Moment, Type.Null()], {
      description:
        'When the place that serves it is or was released. A place serves the newest job of its submitter, so this ' +
        'may differ from created_at + priority. null: one of more than 10,000 jobs of one submitter.',
    }),
    is_released: Type.Boolean(),
  },
  { additionalProperties: false },
);

/** A waiting job in the list of the queue. */
export type QueuedJob = Static<typeof QueuedJobSchema>;

/** Where another page is. */
export const PageLinkSchema = Type.Object(
  { offset: Type.Integer({ minimum: 0, maximum: QUEUE_OFFSET_MAX }), limit: WholeNumber },
  { additionalProperties: false },
);

/** Where another page is. */
export type PageLink = Static<typeof PageLinkSchema>;

/** Waiting times in milliseconds; all of them 0 where there is no job. */
export const WaitStatsSchema = Type.Object(
  { avg: WholeNumber, min: WholeNumber, max: WholeNumber, num: WholeNumber },
  { additionalProperties: false },
);

/** The answer of `GET /grading_queue`. */
export const QueueListSchema = Type.Object(
  {
    grading_jobs: Type.Array(QueuedJobSchema, {
      description:
        'The page, in the order in which the jobs will be graded if nothing comes. Jobs in the holding pen wait for an ' +
        'image and are not among them. Where more than 10,000 jobs match a filter, those among the first 20,000 places.',
    }),
    first: Type.Optional(PageLinkSchema),
    next: Type.Optional(PageLinkSchema),
    prev: Type.Optional(PageLinkSchema),
    last: Type.Optional(PageLinkSchema),
    total: Type.Integer({
      minimum: 0,
      description:
        'How many jobs the list has, with its filter. At most 5 s old; of more than 10,000 an estimate from a sample.',
    }),
    stats: Type.Object(
      {
        all: Type.Unsafe<Static<typeof WaitStatsSchema>>({
          ...WaitStatsSchema,
          description: 'Of all waiting jobs that the key may see: how long ago they arrived.',
        }),
        released: Type.Unsafe<Static<typeof WaitStatsSchema>>({
          ...WaitStatsSchema,
          description: 'Of those that are released: how long ago their place was released.',
        }),
      },
      { additionalProperties: false },
    ),
    filter_info: Type.Record(Type.String(), Type.Array(Type.String()), {
      description:
        'Metadata fields of the waiting jobs that the key may see (at most 50), each with its 100 commonest values.',
    }),
  },
  { additionalProperties: false },
);

/** The answer of `GET /grading_queue`. */
export type QueueList = Static<typeof QueueListSchema>;

/**
 * Links from one page to others. Those to the beginning are absent on the first page, those to the end on the last.
 *
 * @param page.total how many items there are, about
 * @param page.hasMore whether items come after this page: known for sure
 */
export function pageLinks(page: {
  offset: number;
  limit: number;
  total: number;
  hasMore: boolean;
}): Pick<QueueList, 'first' | 'next' | 'prev' | 'last'> {
  const { offset, limit, total, hasMore } = page;
  const lastOffset = Math.floor(Math.min(Math.max(0, total - 1), QUEUE_OFFSET_MAX) / limit) * limit;
  const nextOffset = offset + limit;
  // After the end: back to where items are.
  const prevOffset = Math.max(0, Math.min(offset - limit, hasMore ? offset : lastOffset));
  return {
    ...(offset === 0 ? {} : { first: { offset: 0, limit }, prev: { offset: prevOffset, limit } }),
    ...(!hasMore || nextOffset > QUEUE_OFFSET_MAX
      ? {}
      : { next: { offset: nextOffset, limit }, last: { offset: Math.max(nextOffset, lastOffset), limit } }),
  };
}
