import { imageRequest } from './make-image.ts';
import { makeJob } from './make-job.ts';

/** Who may ask. `foreign`: a client's key that names another host. */
export const CALLERS = ['none', 'wrong', 'foreign', 'client', 'staff', 'admin', 'worker'] as const;
export type Caller = (typeof CALLERS)[number];
export type Row = {
  /** Method and path, as the router knows them. */
  route: string;
  /** The path that is asked for, where it has parameters. */
  ask?: string;
  body?: unknown;
  answers: Record<Caller, number>;
};

const everybody = (status: number): Record<Caller, number> => ({
  ...{ none: status, wrong: status, foreign: status, client: status },
  ...{ staff: status, admin: status, worker: status },
});
const anyKey = (status: number) => ({ ...everybody(status), none: 401, wrong: 401, worker: 401 });
const ownHost = (status: number) => ({ ...anyKey(status), foreign: 401 });
const staffOnly = (status: number) => ({ ...anyKey(status), foreign: 403, client: 403 });
const workerOnly = (status: number) => ({ ...everybody(401), worker: status });

const { key, response_url } = makeJob();
const NAME = { key, response_url };

const DOCKERFILE = 'FROM orca-grader-base\nRUN true\n';
export const REQUEST = imageRequest(DOCKERFILE);
const SHA = REQUEST.dockerfile_sha_sum;

/** One row for each route of the API; a route without one fails the test. `READY` stands for an image that is there. */
export const ROWS: readonly Row[] = [
  { route: 'GET /', answers: everybody(200) },
  { route: 'GET /api/v1/openapi.json', answers: everybody(200) },
  ...[
    ...['/docs', '/docs/json', '/docs/yaml'],
    ...['/docs/static/index.html', '/docs/static/swagger-initializer.js'],
  ].map((path) => ({ route: `GET ${path}`, answers: everybody(200) })),
  { route: 'HEAD /docs/', answers: everybody(200) },
  { route: 'GET /docs/static/*', ask: '/docs/static/swagger-ui.css', answers: everybody(200) },
  { route: 'GET /status', answers: everybody(200) },
  { route: 'GET /api/v1/status', answers: everybody(200) },
  { route: 'GET /healthz', answers: everybody(200) },
  { route: 'GET /readyz', answers: everybody(200) },
  {
    route: 'GET /api/v1/grading_queue/:jobID/status',
    ask: '/api/v1/grading_queue/1/status',
    answers: everybody(200),
  },
  {
    route: 'OPTIONS /api/v1/grading_queue/:jobID/status',
    ask: '/api/v1/grading_queue/1/status',
    answers: everybody(204),
  },
  {
    route: 'GET /api/v1/holding_pen/:jobID/status',
    ask: '/api/v1/holding_pen/1/status',
    answers: everybody(200),
  },
  {
    route: 'OPTIONS /api/v1/holding_pen/:jobID/status',
    ask: '/api/v1/holding_pen/1/status',
    answers: everybody(204),
  },
  {
    route: 'GET /api/v1/grader_images/status/:sha',
    ask: `/api/v1/grader_images/status/${SHA}`,
    answers: everybody(200),
  },
  {
    route: 'OPTIONS /api/v1/grader_images/status/:sha',
    ask: `/api/v1/grader_images/status/${SHA}`,
    answers: everybody(204),
  },
  { route: 'GET /images/:file', ask: '/images/READY.tgz', answers: workerOnly(200) },
  { route: 'HEAD /images/:file', ask: '/images/READY.tgz', answers: workerOnly(200) },
  { route: 'GET /api/v1/images/:file', ask: '/api/v1/images/READY.tgz', answers: workerOnly(200) },
  { route: 'HEAD /api/v1/images/:file', ask: '/api/v1/images/READY.tgz', answers: workerOnly(200) },
  { route: 'PUT /api/v1/grading_queue', body: makeJob(), answers: ownHost(200) },
  { route: 'PUT /api/v1/grading_queue/immediate', body: makeJob(), answers: ownHost(200) },
  { route: 'GET /api/v1/grading_queue', answers: anyKey(200) },
  // Each job is answered by itself: a foreign one is a 401 in the list.
  { route: 'PUT /api/v1/grading_queue/batch', body: { grading_jobs: [makeJob()] }, answers: anyKey(200) },
  {
    route: 'POST /api/v1/grading_queue/bulk',
    body: { action: 'cancel', filter: { metadata_table: { course: 'none' } }, dry_run: true },
    answers: anyKey(200),
  },
  {
    route: 'PUT /api/v1/grading_queue/move',
    body: { jobID: 4_000_000_000, moveAction: 'release' },
    answers: anyKey(404),
  },
  {
    route: 'DELETE /api/v1/grading_queue/:jobID',
    ask: '/api/v1/grading_queue/4000000000',
    answers: anyKey(404),
  },
  { route: 'POST /api/v1/validate_grading_job', body: makeJob(), answers: anyKey(200) },
  { route: 'POST /api/v1/validate_grading_script', body: makeJob().script, answers: anyKey(200) },
  { route: 'POST /api/v1/grader_images', body: REQUEST, answers: ownHost(200) },
  {
    route: 'POST /api/v1/grader_images/builds',
    body: { dockerfile_contents: DOCKERFILE },
    answers: staffOnly(200),
  },
  { route: 'GET /api/v1/grader_images', answers: staffOnly(200) },
  {
    route: 'GET /api/v1/grader_images/:sha',
    ask: `/api/v1/grader_images/${SHA}`,
    answers: anyKey(200),
  },
  {
    route: 'GET /api/v1/grader_images/:sha/builds/:number/log',
    ask: `/api/v1/grader_images/${SHA}/builds/1/log`,
    answers: anyKey(200),
  },
  { route: 'GET /api/v1/jobs/:jobID', ask: '/api/v1/jobs/1', answers: { ...anyKey(200), foreign: 404 } },
  { route: 'GET /api/v1/jobs/:jobID/result', ask: '/api/v1/jobs/1/result', answers: anyKey(404) },
  { route: 'POST /api/v1/jobs/find', body: NAME, answers: ownHost(200) },
  { route: 'POST /api/v1/jobs/find_result', body: NAME, answers: ownHost(404) },
  {
    route: 'GET /api/v1/jobs/:jobID/events',
    ask: '/api/v1/jobs/1/events',
    answers: { ...anyKey(200), foreign: 404 },
  },
  { route: 'GET /api/v1/events', answers: anyKey(200) },
  { route: 'GET /api/v1/deliveries', answers: anyKey(200) },
  { route: 'GET /api/v1/deliveries/:id', ask: '/api/v1/deliveries/999', answers: anyKey(404) },
  {
    route: 'POST /api/v1/deliveries/:id/send_again',
    ask: '/api/v1/deliveries/999/send_again',
    answers: staffOnly(404),
  },
  {
    route: 'POST /api/v1/deliveries/send_again',
    body: { client: 'course.example.edu' },
    answers: staffOnly(200),
  },
  { route: 'GET /api/v1/workers', answers: staffOnly(200) },
  { route: 'GET /api/v1/audit_trail', answers: { ...staffOnly(403), admin: 200 } },
];
