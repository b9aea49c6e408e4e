import { type Database, jobState } from '@orca/database';
import { statusSentence } from '@orca/protocol';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ApiFailure } from '../api-failure.ts';

/**
 * The public status of a job: a browser asks for it from the client's own pages, without a key. It says where the job
 * is and nothing of what it holds. Both routes answer alike, since a job keeps its id wherever it is.
 */
export function registerJobStatusRoutes(server: FastifyInstance, { db }: { db: Database }): void {
  const answer = async ({ params }: { params: unknown }, reply: FastifyReply): Promise<FastifyReply> => {
    const sentence = statusSentence(await jobState(db, jobIdOf(params)));
    reply.header('access-control-allow-origin', '*').type('application/json; charset=utf-8');
    return reply.send(JSON.stringify(sentence));
  };
  server.get('/grading_queue/:jobID/status', answer);
  server.get('/holding_pen/:jobID/status', answer);
}

/** @throws {ApiFailure} `invalid_request` for what is no id */
function jobIdOf(params: unknown): number {
  const text = typeof params === 'object' && params !== null && 'jobID' in params ? String(params.jobID) : '';
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id))
    throw new ApiFailure('invalid_request', ['jobID: must be a whole number from 1']);
  return id;
}
