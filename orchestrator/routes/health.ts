import { countJobs, type Database } from '@orca/database';
import type { FastifyInstance } from 'fastify';

const ABOUT = {
  name: 'Orca',
  about:
    'A grading service for programming courses. Jobs are PUT to /api/v1/grading_queue with a key in x-api-key.',
  status: '/api/v1/status',
} as const;

/** `GET /` says what this is; `GET /status` and `GET /api/v1/status`, public, that it works. */
export function registerHealthRoutes(server: FastifyInstance, { db }: { db: Database }): void {
  const status = async () => ({ message: 'ok', numJobs: await countJobs(db) });
  server.get('/', async () => ABOUT);
  server.get('/status', status);
  server.get('/api/v1/status', status);
}
