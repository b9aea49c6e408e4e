import Type, { type Static } from 'typebox';

/** Where a job that was just put waits. */
const PlaceSchema = Type.Object({
  location: Type.Union([Type.Literal('Queue'), Type.Literal('HoldingPen')], {
    description: 'HoldingPen while its grader image is being built.',
  }),
  id: Type.Integer({ minimum: 1, description: 'The id of the job, the same for all its life.' }),
});

/** What was accepted and lowered or ignored, as sentences; absent when there is nothing to say. */
export const WarningsSchema = Type.Optional(
  Type.Array(Type.String(), { description: 'What was accepted, and lowered or ignored; absent if nothing.' }),
);

/** What a `PUT` of a job answers: it is in the database. */
export const JobPutAnswerSchema = Type.Object(
  { message: Type.Literal('OK'), status: PlaceSchema, warnings: WarningsSchema },
  { examples: [{ message: 'OK', status: { location: 'Queue', id: 17 } }] },
);

/** What a `PUT` of a job answers. */
export type JobPutAnswer = Static<typeof JobPutAnswerSchema>;

/** What a validation answers: that all is well, perhaps with remarks, or everything that is wrong. Both are a 200. */
export const ValidationAnswerSchema = Type.Union([
  Type.Object({ message: Type.String(), warnings: WarningsSchema }),
  Type.Object({ errors: Type.Array(Type.String(), { minItems: 1 }) }),
]);

/** What a validation answers. */
export type ValidationAnswer = Static<typeof ValidationAnswerSchema>;

/** The answer to `GET /healthz`. */
export const ProcessStatusSchema = Type.Object({ status: Type.Literal('alive') });

/** The answer to `GET /readyz`. */
export const HealthReportSchema = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('not ready')]),
  checks: Type.Record(Type.String(), Type.String(), {
    description: 'What it needs, by name: `ok`, or a sentence that says what is wrong.',
  }),
});

/** What `GET /status` answers. */
export const ServiceStatusSchema = Type.Object({
  message: Type.Literal('ok'),
  numJobs: Type.Integer({
    minimum: 0,
    description: 'Jobs that wait to be graded, those in the holding pen too.',
  }),
});

/** What `GET /` answers. */
export const AboutSchema = Type.Object({
  name: Type.String(),
  about: Type.String(),
  status: Type.String({ description: 'The path of the public status.' }),
  documentation: Type.String({ description: 'The path of the page that shows all routes.' }),
});
