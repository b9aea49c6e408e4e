import Type, { type Static, type TSchema } from 'typebox';
import { ShaSchema } from './grading-job.ts';
import { WarningsSchema } from './job-answers.ts';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
/** A time, as it is on the wire. */
const Time = Type.String({ format: 'date-time' });
const Count = Type.Integer({ minimum: 0 });

/** What asking for an image with `POST /grader_images` answers. */
export const ImageAnswerSchema = Type.Object({
  message: Type.String({
    description:
      '"OK" when it will be built and the outcome POSTed; another sentence when it is there already.',
  }),
  warnings: WarningsSchema,
});

/** What asking for an image answers. */
export type ImageAnswer = Static<typeof ImageAnswerSchema>;

/** What `POST /grader_images/builds` answers. */
export const ImageOrderAnswerSchema = Type.Object({
  ...ImageAnswerSchema.properties,
  sha: ShaSchema,
  state: Type.Union([Type.Literal('queued'), Type.Literal('building'), Type.Literal('ready')]),
});

/** What `POST /grader_images/builds` answers. */
export type ImageOrderAnswer = Static<typeof ImageOrderAnswerSchema>;

/** One grader image, as lists show it. */
export const ListedImageSchema = Type.Object({
  sha: ShaSchema,
  state: Type.Union([
    Type.Literal('queued'),
    Type.Literal('building'),
    Type.Literal('ready'),
    Type.Literal('failed'),
    Type.Literal('pruned'),
  ]),
  failure: orNull(Type.String({ description: 'Why its last build failed.' })),
  builds: Type.Integer({ minimum: 0, description: 'How often a build of it was begun.' }),
  image_bytes: orNull(Count),
  archive_bytes: orNull(Count),
  requested_at: Time,
  ready_at: orNull(Time),
  last_used_at: orNull(Time),
  held_jobs: Type.Integer({ minimum: 0, description: 'Jobs that wait for its build.' }),
  asked_by: Type.Array(Type.String(), {
    description: 'Hostnames of clients, and names of keys; a client sees itself only.',
  }),
});

/** What `GET /grader_images` answers. */
export const ImageListSchema = Type.Object({ images: Type.Array(ListedImageSchema), total: Count });

/** One build of an image. */
export const ListedBuildSchema = Type.Object({
  id: Type.Integer(),
  number: Type.Integer({ minimum: 1, description: 'Counts the builds of its image.' }),
  builder: Type.String(),
  started_at: Time,
  ended_at: orNull(Time),
  outcome: Type.Union(
    [
      Type.Literal('ready'),
      Type.Literal('failed'),
      Type.Literal('returned'),
      Type.Literal('lost'),
      Type.Null(),
    ],
    { description: 'returned and lost: through no fault of the Dockerfile, it is built again.' },
  ),
  reason: orNull(Type.String()),
  step: orNull(Type.String({ description: 'Where it is, or ended.' })),
  log_bytes: Type.Integer({ minimum: 0, description: 'Printed; the last MiB is kept.' }),
  build_ms: orNull(Count),
  check_ms: orNull(Count),
  save_ms: orNull(Count),
  image_bytes: orNull(Count),
  archive_bytes: orNull(Count),
});

/** What `GET /grader_images/:sha` answers. */
export const ShownImageSchema = Type.Object({
  ...ListedImageSchema.properties,
  dockerfile_contents: Type.String(),
  build_history: Type.Array(ListedBuildSchema, { description: 'The last ones first.' }),
});

/** What `GET /grader_images/:sha/builds/:number/log` answers. */
export const BuildLogSchema = Type.Object({
  pieces: Type.Array(
    Type.Object({
      piece: Type.Integer({ minimum: 1, description: 'Send the last one as "after" to read on.' }),
      step: Type.String(),
      output: Type.String(),
    }),
  ),
  is_over: Type.Boolean({ description: 'Nothing will follow these pieces.' }),
});
