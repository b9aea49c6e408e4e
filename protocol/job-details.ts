import Type from 'typebox';
import { oneOf, orNull, TimeSchema } from './answer-parts.ts';
import { DeliverySchema } from './delivery-answers.ts';

const Milliseconds = orNull(Type.Integer({ minimum: 0 }));

/** What `GET /jobs/:jobID` answers. */
export const JobDetailsSchema = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  client: Type.String(),
  state: oneOf(['held', 'waiting', 'grading', 'finished']),
  status: Type.String({ description: 'Where the job is, in a sentence, as the public status says it.' }),
  outcome: orNull(oneOf(['graded', 'failed', 'cancelled'])),
  generation: Type.Integer({ minimum: 1, description: 'Counts the contents that the job was given.' }),
  generations: Type.Array(
    Type.Object({
      generation: Type.Integer({ minimum: 1 }),
      outcome: oneOf(['graded', 'failed', 'cancelled', 'superseded', 'open']),
      grading_id: orNull(Type.String({ description: 'The webhook-id of its result.' })),
      made_at: orNull(TimeSchema),
    }),
    { description: 'The newest first, at most 20.' },
  ),
  collation: Type.Object({ type: oneOf(['user', 'team']), id: Type.String() }),
  metadata_table: Type.Record(Type.String(), Type.String()),
  grader_image_sha: Type.String(),
  is_immediate: Type.Boolean(),
  arrived_at: TimeSchema,
  release_at: orNull(TimeSchema),
  not_before: orNull(TimeSchema),
  claimed_at: orNull(TimeSchema),
  finished_at: orNull(TimeSchema),
  position: orNull(Type.Integer({ minimum: 1, description: 'While it waits, released: 1 is next.' })),
  worker_id: orNull(Type.String()),
  container: orNull(Type.String()),
  phase: oneOf(
    ['held', 'waiting', 'fetching', 'running', 'finished'],
    'fetching: the image and the files; running: in its container.',
  ),
  timings: Type.Object(
    {
      queued_ms: Milliseconds,
      image_ms: Milliseconds,
      files_ms: Milliseconds,
      container_ms: Milliseconds,
      unpack_ms: Milliseconds,
      commands_ms: Milliseconds,
      total_ms: Milliseconds,
    },
    { description: 'Of the present generation; null where it is not known, or not yet.' },
  ),
  faults: Type.Integer({ minimum: 0, description: 'Runs that ended through no fault of the submission.' }),
  last_fault: orNull(Type.String()),
  deliveries: Type.Array(DeliverySchema, { description: 'Results, and the status still to be sent.' }),
});
