import Type from 'typebox';
import { oneOf, orNull, TimeSchema } from './answer-parts.ts';

/** What `GET /workers` answers. */
export const WorkerListSchema = Type.Object({
  workers: Type.Array(
    Type.Object({
      id: Type.String(),
      hostname: Type.String(),
      version: Type.String(),
      slots: Type.Integer({ minimum: 1, description: 'Jobs at once.' }),
      busy: Type.Integer({
        minimum: 0,
        description: 'Jobs now, those of hosts that the key does not name too.',
      }),
      state: oneOf(
        ['idle', 'working', 'troubled', 'silent'],
        'troubled: it claims nothing, as its troubles say. silent: no sign of life for a minute.',
      ),
      troubles: Type.Array(Type.String(), { description: 'Why it claims nothing; empty when it can work.' }),
      engine_id: Type.String(),
      registered_at: TimeSchema,
      beat_at: TimeSchema,
      runs: Type.Array(
        Type.Object({
          job_id: Type.Integer({ minimum: 1 }),
          generation: Type.Integer({ minimum: 1 }),
          client: Type.String(),
          phase: oneOf(['fetching', 'running']),
          container: orNull(Type.String()),
          claimed_at: TimeSchema,
          seconds: Type.Number({ description: 'Since its claim.' }),
        }),
        { description: 'Those of the hosts that the key names; all of them for an admin.' },
      ),
    }),
  ),
});
