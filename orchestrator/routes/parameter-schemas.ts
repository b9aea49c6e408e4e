import Type from 'typebox';
import { LIMIT, OFFSET } from './read-page.ts';

/** The path of what belongs to a job; for the document. */
export const JobParamsSchema = Type.Object({ jobID: Type.Integer({ minimum: 1 }) });

/** The path of a delivery; for the document. */
export const DeliveryParamsSchema = Type.Object({ id: Type.Integer({ minimum: 1 }) });

/** What `readPage` reads; for the document. */
export const PAGE_QUERY = {
  limit: Type.Optional(Type.Integer({ minimum: LIMIT.min, maximum: LIMIT.max, default: LIMIT.otherwise })),
  offset: Type.Optional(
    Type.Integer({ minimum: OFFSET.min, maximum: OFFSET.max, default: OFFSET.otherwise }),
  ),
} as const;

/** One of some words in a query; for the document. */
export const optionalWord = (words: readonly string[], description: string) =>
  Type.Optional(Type.Enum([...words], { description }));
