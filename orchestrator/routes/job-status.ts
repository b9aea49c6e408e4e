import { type Database, gradingPace, jobState } from '@orca/database';
import { type GradingPace, statusSentence } from '@orca/protocol';
import type { FastifyInstance, FastifySchema } from 'fastify';
import Type from 'typebox';
import { parameterOf, wholeNumberOf } from '../read-parameters.ts';
import { rememberBriefly } from '../remember-briefly.ts';
import { registerPublicSentence } from './public-sentence.ts';

/** Every waiting student asks for the pace; it changes with each job that ends. */
const PACE_AGE_MS_MAX = 5_000;

const SCHEMA = {
  tags: ['jobs'],
  summary: 'Says where a job is',
  params: Type.Object({ jobID: Type.Integer({ minimum: 1 }) }),
} as const satisfies FastifySchema;

/**
 * The public status of a job. It says where the job is and nothing of what it holds. Both routes answer alike, since a
 * job keeps its id wherever it is.
 */
export function registerJobStatusRoutes(server: FastifyInstance, { db }: { db: Database }): void {
  const remember = rememberBriefly<GradingPace | null>(PACE_AGE_MS_MAX);
  const say = async (params: unknown): Promise<string> => {
    const state = await jobState(db, wholeNumberOf('jobID', parameterOf(params, 'jobID')));
    return statusSentence(
      state,
      state.kind === 'waiting' ? await remember('pace', () => gradingPace(db)) : null,
    );
  };
  for (const path of ['/grading_queue/:jobID/status', '/holding_pen/:jobID/status'])
    registerPublicSentence(server, { path, schema: SCHEMA }, say);
}
