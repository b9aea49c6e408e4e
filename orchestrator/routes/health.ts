import { access, constants } from 'node:fs/promises';
import { type Health, reportHealth } from '@orca/daemon';
import { countJobs, type Database, listArchives, pingDatabase } from '@orca/database';
import { AboutSchema, HealthReportSchema, ProcessStatusSchema, ServiceStatusSchema } from '@orca/protocol';
import type { FastifyInstance, FastifySchema } from 'fastify';
import { isMarkedStore, STORE_NOT_MOUNTED } from '../store-marker.ts';

const ABOUT = {
  name: 'Orca',
  about:
    'A grading service for programming courses. Jobs are PUT to /api/v1/grading_queue with a key in x-api-key.',
  status: '/api/v1/status',
  documentation: '/docs',
} as const;

const UNAVAILABLE = 503;

const ABOUT_SCHEMA = {
  tags: ['service'],
  summary: 'Says what this is',
  response: { 200: AboutSchema },
} as const satisfies FastifySchema;
const STATUS_SCHEMA = {
  tags: ['service'],
  summary: 'Says that it works, and how many jobs wait',
  response: { 200: ServiceStatusSchema },
} as const satisfies FastifySchema;

const ALIVE_SCHEMA = {
  tags: ['service'],
  summary: 'Says that the process lives',
  response: { 200: ProcessStatusSchema },
} as const satisfies FastifySchema;
// No more is said of its type: it has a second status, which the document tells of with all other errors.
const READY_SCHEMA: FastifySchema = {
  tags: ['service'],
  summary: 'Says whether it can take jobs, each need named; 503 in the same form while the database is away',
  response: { 200: HealthReportSchema },
};

/** What the routes of health look at. */
export type HealthRoutesDeps = { db: Database; imageFolder: string };

/**
 * `GET /` says what this is; `GET /status` and `GET /api/v1/status` that it works; `/healthz` that the process lives;
 * `/readyz` whether it can take jobs, each need named, 503 when not. All public.
 */
export function registerHealthRoutes(server: FastifyInstance, { db, imageFolder }: HealthRoutesDeps): void {
  const status = async () => ({ message: 'ok', numJobs: await countJobs(db) });
  server.get('/', { schema: ABOUT_SCHEMA }, async () => ABOUT);
  for (const path of ['/status', '/api/v1/status']) server.get(path, { schema: STATUS_SCHEMA }, status);
  server.get('/healthz', { schema: ALIVE_SCHEMA }, async () => ({ status: 'alive' }));
  server.get('/readyz', { schema: READY_SCHEMA }, async (_request, reply) => {
    const health = await checkServer(db, imageFolder);
    const { checks } = reportHealth(health);
    // A load balancer goes by it. What clients and browsers ask for needs the database alone, and the store of images is the
    // same behind every server: were it away, all of them would be taken out.
    const { status } = reportHealth({ database: health.database });
    if (status !== 'ready') reply.code(UNAVAILABLE);
    return { status, checks };
  });
}

/** What a server needs to do all of its work. Sentences that anybody may read: no address, no path. */
export async function checkServer(
  db: Database,
  imageFolder: string,
): Promise<Health & { readonly database: string | null }> {
  const database = await pingDatabase(db);
  const imageStore = await findStoreTrouble(db, imageFolder);
  return { database, image_store: imageStore };
}

async function findStoreTrouble(db: Database, imageFolder: string): Promise<string | null> {
  const isReadable = await access(imageFolder, constants.R_OK).then(
    () => true,
    () => false,
  );
  if (!isReadable) return 'the folder of saved images cannot be read';
  if (await isMarkedStore(imageFolder)) return null;
  // A new store is marked when a builder first looks at it.
  const archives = await listArchives(db).catch(() => new Set());
  return archives.size === 0 ? null : STORE_NOT_MOUNTED;
}
