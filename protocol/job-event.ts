import Type from 'typebox';
import { oneOf, orNull, TimeSchema } from './answer-parts.ts';
import { LimitHitSchema } from './grading-result.ts';

const About = {
  job_id: Type.Integer({ minimum: 1 }),
  generation: Type.Integer({ minimum: 1 }),
  client: Type.String(),
  at: TimeSchema,
};

/** The data of an event `state`: a job is in another state, has new content, or met a fault of ours. */
export const StateEventSchema = Type.Object({
  ...About,
  state: oneOf(['held', 'waiting', 'grading', 'finished']),
  outcome: orNull(oneOf(['graded', 'failed', 'cancelled'])),
  worker_id: orNull(Type.String()),
  faults: Type.Integer({ minimum: 0 }),
  last_fault: orNull(Type.String()),
});

/** The data of an event `command`: a command of a job that runs has ended. */
export const CommandEventSchema = Type.Object({
  ...About,
  step: Type.Integer({ minimum: 0, description: 'Its index in the flattened script.' }),
  cmd: Type.String(),
  stdout: Type.String({ description: 'Cut in the middle to 16 KiB, like stderr.' }),
  stderr: Type.String(),
  is_error: Type.Boolean(),
  timed_out: Type.Boolean(),
  status_code: orNull(Type.Integer()),
  wall_ms: Type.Integer({ minimum: 0 }),
  output_bytes: Type.Integer({ minimum: 0 }),
  limit: Type.Optional(LimitHitSchema),
});

/** What an event stream is, for people: `text/event-stream` has no schema of its own. */
export const EventStreamSchema = Type.String({
  description:
    'Server-sent events "state" and "command" with JSON data, and "gap" when events after Last-Event-ID are not kept any more.',
});
