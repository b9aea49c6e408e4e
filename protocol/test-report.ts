import Type, { type Static } from 'typebox';

/** One test of a grader, whatever format it was printed in. */
export const TestRecordSchema = Type.Object({
  id: Type.String({ description: 'Number or name by which the format knows the test.' }),
  name: Type.String(),
  status: Type.Union([
    Type.Literal('passed'),
    Type.Literal('failed'),
    Type.Literal('skipped'),
    Type.Literal('error'),
  ]),
  score: Type.Optional(Type.Number({ description: 'Points earned; absent for a test without points.' })),
  max_score: Type.Optional(Type.Number({ description: 'Points available.' })),
  message: Type.Optional(Type.String({ description: 'What went wrong, in a line or two.' })),
  output: Type.Optional(Type.String({ description: 'What it printed: a stack trace, a difference.' })),
  file: Type.Optional(Type.String()),
  line: Type.Optional(Type.Integer()),
  category: Type.Optional(Type.String()),
  severity: Type.Optional(Type.String()),
  duration_ms: Type.Optional(Type.Number()),
});

/** One test of a grader: the canonical record that every result format is read into. */
export type TestRecord = Static<typeof TestRecordSchema>;

/** Points of a whole run. */
export const ScoreSchema = Type.Object({ earned: Type.Number(), available: Type.Number() });

/** Points of a whole run. */
export type Score = Static<typeof ScoreSchema>;

/** What a grader's output says, read from one of the known formats. */
export interface TestReport {
  readonly tests: TestRecord[];
  /** `null` where nothing was tested, or the report was cut short and nobody knows what is missing. */
  readonly score: Score | null;
  /** What is wrong with the report itself, in sentences: tests missing, a plan that does not fit, an early end. */
  readonly problems: string[];
}
