import type { JobFilter } from '@orca/database';
import {
  COLLATION_ID_CHARACTERS_MAX,
  METADATA_BYTES_MAX,
  QUEUE_OFFSET_MAX,
  QUEUE_PAGE_MAX,
} from '@orca/protocol';
import Type from 'typebox';
import { ApiFailure } from '../api-failure.ts';
import { type Caller, clientsOf } from '../authenticate.ts';
import { queryNumber, queryText, refuseOtherParameters } from '../read-parameters.ts';

const PARAMETERS = [
  'limit',
  'offset',
  'filter_type',
  'filter_value',
  'collation_type',
  'collation_id',
] as const;
const PAGE = { min: 1, max: QUEUE_PAGE_MAX, otherwise: QUEUE_PAGE_MAX } as const;
const OFFSET = { min: 0, max: QUEUE_OFFSET_MAX, otherwise: 0 } as const;
/** UTF-8 takes at most four bytes for a character, as schemas count them: two UTF-16 units may be one. */
const COLLATION_ID_BYTES_MAX = 4 * COLLATION_ID_CHARACTERS_MAX;

/** The query of `GET /grading_queue`; for the document. */
export const QueueQuerySchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: PAGE.min, maximum: PAGE.max, default: PAGE.otherwise })),
  offset: Type.Optional(
    Type.Integer({ minimum: OFFSET.min, maximum: OFFSET.max, default: OFFSET.otherwise }),
  ),
  filter_type: Type.Optional(Type.String({ description: 'The name of a metadata field.' })),
  filter_value: Type.Optional(Type.String({ description: 'The value that it must have.' })),
  collation_type: Type.Optional(Type.Enum(['user', 'team'])),
  collation_id: Type.Optional(Type.String()),
});

/** What is asked of the queue. */
export type QueueQuery = { limit: number; offset: number; filter: JobFilter };

/**
 * Reads the query of `GET /grading_queue`.
 *
 * A client and staff see the jobs of the hosts that their key names, an admin all.
 *
 * @throws {ApiFailure} `invalid_request`
 */
export function readQueueQuery(query: unknown, caller: Caller): QueueQuery {
  refuseOtherParameters(query, PARAMETERS);
  return {
    limit: queryNumber(query, 'limit', PAGE),
    offset: queryNumber(query, 'offset', OFFSET),
    filter: { clients: clientsOf(caller), ...readMetadataFilter(query), ...readCollationFilter(query) },
  };
}

/** Both empty is no filter: so a form comes in which nothing was chosen. */
function readMetadataFilter(query: unknown): Pick<JobFilter, 'metadata'> {
  const field = queryText(query, 'filter_type', METADATA_BYTES_MAX);
  const value = queryText(query, 'filter_value', METADATA_BYTES_MAX);
  if ((field ?? '') === '' && (value ?? '') === '') return {};
  if (field === null || field === '')
    throw new ApiFailure('invalid_request', ['filter_type: must name a metadata field for filter_value']);
  if (value === null)
    throw new ApiFailure('invalid_request', ['filter_value: must stand beside filter_type']);
  if (field === '__proto__')
    throw new ApiFailure('invalid_request', ['filter_type: no job has a metadata field "__proto__"']);
  return { metadata: { field, value } };
}

function readCollationFilter(query: unknown): Pick<JobFilter, 'collation'> {
  const type = queryText(query, 'collation_type', COLLATION_ID_BYTES_MAX);
  const id = queryText(query, 'collation_id', COLLATION_ID_BYTES_MAX);
  if (type !== null && type !== 'user' && type !== 'team')
    throw new ApiFailure('invalid_request', ['collation_type: must be "user" or "team"']);
  if (type === null && id === null) return {};
  return { collation: { ...(type === null ? {} : { type }), ...(id === null ? {} : { id }) } };
}
