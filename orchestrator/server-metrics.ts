import type { GaugeValue, Metrics } from '@orca/daemon';
import {
  countImages,
  measureDeliveries,
  measureImageWait,
  measureQueue,
  measureWorkers,
  type Queries,
  wantedSlots,
} from '@orca/database';
import type { FastifyInstance } from 'fastify';

/** A job that is released should begin within so many seconds: what "wanted" means. */
const WANTED_WITHIN_SECONDS = 60;
const SECOND_MS = 1_000;

/** What the alert OrcaDeliveriesGivenUp looks at. */
const LOOKED_AT = { kind: 'result', outcome: 'given_up' };

/** One try of a delivery, for {@link ServerMetrics.noteDelivery}. */
export type DeliveryTry = { kind: string; outcome: string; durationMs: number };

/** What the server counts as it goes. */
export type ServerMetrics = {
  /** Counts every answer of the API by its route. */
  watch(server: FastifyInstance): void;
  noteDelivery(tried: DeliveryTry): void;
};

/** Declares what a server measures; the queue is read from the database when it is asked for. */
export function serverMetrics(metrics: Metrics, db: Queries): ServerMetrics {
  declareQueue(metrics, db);
  const noteAnswer = metrics.histogram(
    'orca_http_request_seconds',
    'Time to answer a request of the API, by route as the router knows it.',
    ['method', 'route', 'status'],
  );
  const noteTry = metrics.counter(
    'orca_delivery_attempts_total',
    'POSTs to clients, by what became of them.',
    ['kind', 'outcome'],
    [LOOKED_AT],
  );
  const notePost = metrics.histogram('orca_delivery_seconds', 'Time of a POST to a client.', ['kind']);
  return {
    watch(server) {
      server.addHook('onResponse', async (request, reply) => {
        // Never the address that was asked for: anybody could make new ones without end.
        const route = request.routeOptions.url ?? 'none';
        const labels = { method: request.method, route, status: String(reply.statusCode) };
        noteAnswer(labels, reply.elapsedTime / SECOND_MS);
      });
    },
    noteDelivery({ kind, outcome, durationMs }) {
      noteTry({ kind, outcome });
      notePost({ kind }, durationMs / SECOND_MS);
    },
  };
}

function declareQueue(metrics: Metrics, db: Queries): void {
  const one = (value: number): GaugeValue<never>[] => [{ labels: {}, value }];
  metrics.gauge('orca_jobs', 'Jobs by where they are.', ['state'], async () => {
    const { held, released, delayed, backingOff, grading } = await measureQueue(db);
    const counts = { held, released, delayed, backing_off: backingOff, grading };
    return Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }));
  });
  metrics.gauge('orca_oldest_released_job_seconds', 'How long the first in line waits.', [], async () =>
    one((await measureQueue(db)).oldestReleasedSeconds),
  );
  metrics.gauge(
    'orca_oldest_held_job_seconds',
    'How long the first of the jobs that wait for their image has waited for nothing else.',
    [],
    async () => one(await measureImageWait(db)),
  );
  metrics.gauge('orca_deliveries_pending', 'POSTs that clients are owed.', [], async () =>
    one((await measureDeliveries(db)).pending),
  );
  metrics.gauge('orca_oldest_delivery_seconds', 'How long the oldest of them is owed.', [], async () =>
    one((await measureDeliveries(db)).oldestSeconds),
  );
  metrics.gauge('orca_images', 'Grader images by state.', ['state'], async () =>
    (await countImages(db)).map(({ state, images }) => ({ labels: { state }, value: images })),
  );
  metrics.gauge(
    'orca_workers',
    'Workers that give signs of life, by whether they can work.',
    ['state'],
    async () => {
      const { alive, troubled } = await measureWorkers(db);
      return [
        { labels: { state: 'able' }, value: alive - troubled },
        { labels: { state: 'troubled' }, value: troubled },
      ];
    },
  );
  metrics.gauge('orca_slots', 'Jobs that all able workers together grade at once.', [], async () =>
    one((await measureWorkers(db)).slots),
  );
  metrics.gauge(
    'orca_slots_wanted',
    'Slots that it takes to begin every job that is released now within a minute, by the mean time of the last hundred jobs.',
    [],
    async () => {
      const [depth, { meanJobSeconds }] = await Promise.all([measureQueue(db), measureWorkers(db)]);
      return one(wantedSlots(depth, meanJobSeconds, WANTED_WITHIN_SECONDS));
    },
  );
}
