import { type Database, jobState } from '@orca/database';
import { statusSentence } from '@orca/protocol';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
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
  for (const path of ['/grading_queue/:jobID/status', '/holding_pen/:jobID/status']) {
    server.get(path, answer);
    server.options(path, answerPreflight);
  }
}

/** A page that sends a header of its own asks first whether it may. */
async function answerPreflight(_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  return reply.code(204).headers(PREFLIGHT_HEADERS).send();
}

const PREFLIGHT_HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET',
  'access-control-allow-headers': '*',
  'access-control-max-age': '86400',
} as const;

/** @throws {ApiFailure} `invalid_request` for what is no id */
function jobIdOf(params: unknown): number {
  const text = typeof params === 'object' && params !== null && 'jobID' in params ? String(params.jobID) : '';
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id))
    throw new ApiFailure('invalid_request', ['jobID: must be a whole number from 1']);
  return id;
}
