import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineSettings, spanSettings } from '@orca/daemon';
import Type from 'typebox';

/** The settings of a worker, beside those of every daemon. */
export const workerSettings = defineSettings({
  ...spanSettings,
  POSTGRES_URL: {
    schema: Type.String({ pattern: '^postgres(ql)?://', description: 'a postgresql:// address' }),
    secret: true,
    doc: 'The database that all processes share.',
  },
  ORCA_WEB_SERVER_HOST: {
    schema: Type.String(),
    default: 'http://127.0.0.1:4000',
    doc: 'The API server, for the download of grader images: host and port, with or without http:// or https://.',
  },
  ORCA_CONCURRENCY: {
    schema: Type.Integer({ minimum: 1, maximum: 256 }),
    default: 1,
    unit: 'jobs',
    doc: 'How many jobs are graded at once.',
  },
  ORCA_WORKER_FOLDER: {
    schema: Type.String(),
    default: join(tmpdir(), 'orca-worker'),
    isWrittenTo: true,
    doc: 'Where fetched files lie while a job is graded, and the file cache.',
  },
  ORCA_DISK_FREE_MB_MIN: {
    schema: Type.Integer({ minimum: 0, maximum: 1_048_576 }),
    default: 512,
    unit: 'MiB',
    doc: 'With less than so much free where ORCA_WORKER_FOLDER is, no job is claimed.',
  },
  ORCA_LEASE_SECONDS: {
    schema: Type.Integer({ minimum: 3, maximum: 3600 }),
    default: 30,
    unit: 'seconds',
    doc: 'How long a claim lasts unless it is renewed; it is, every third of that time.',
  },
  ORCA_HEARTBEAT_SECONDS: {
    schema: Type.Number({ minimum: 0.5, maximum: 30 }),
    default: 10,
    unit: 'seconds',
    doc: 'How often the worker tells the database that it is alive; after 60 s of silence it counts as dead.',
  },
  ORCA_POLL_SECONDS: {
    schema: Type.Number({ minimum: 0.1, maximum: 60 }),
    default: 7,
    unit: 'seconds',
    doc: 'How often an idle worker looks for work that nobody told it of.',
  },
  ORCA_SWEEP_SECONDS: {
    schema: Type.Number({ minimum: 0.5, maximum: 600 }),
    default: 30,
    unit: 'seconds',
    doc: 'How often containers and folders that crashes left are removed.',
  },
  ORCA_SHUTDOWN_GRACE_SECONDS: {
    schema: Type.Number({ minimum: 0, maximum: 3600 }),
    default: 30,
    unit: 'seconds',
    doc: 'How long running jobs may go on after SIGTERM before they are handed back.',
  },
  ORCA_FILE_TOTAL_SECONDS: {
    schema: Type.Number({ minimum: 1, maximum: 600 }),
    default: 60,
    unit: 'seconds',
    doc: 'The longest that one try to fetch a file may take; there are three within a minute.',
  },
  ORCA_IMAGE_TOTAL_SECONDS: {
    schema: Type.Number({ minimum: 1, maximum: 86_400 }),
    default: 900,
    unit: 'seconds',
    doc: 'The longest that the download of one grader image may take; one that stalls for 30 s is given up before.',
  },
  ORCA_IMAGE_KEEP_HOURS: {
    schema: Type.Number({ minimum: 0, maximum: 876_000 }),
    default: 168,
    unit: 'hours',
    doc: 'How long a grader image that no job uses stays in the engine; it is fetched again when one does.',
  },
  ORCA_IMAGES_GB_MAX: {
    schema: Type.Number({ minimum: 0.001, maximum: 1_000_000 }),
    default: 60,
    unit: 'GiB',
    doc: 'How much all grader images in the engine may be, each counted with its base; those used longest ago go first.',
  },
  ORCA_IMAGE_SWEEP_SECONDS: {
    schema: Type.Number({ minimum: 0.5, maximum: 86_400 }),
    default: 600,
    unit: 'seconds',
    doc: 'How often grader images that are not needed are removed from the engine.',
  },
  DOCKER_HOST: {
    schema: Type.String({ pattern: '^(unix|tcp)://', description: 'unix:///path or tcp://host:port' }),
    default: 'unix:///var/run/docker.sock',
    doc: 'The engine that runs the containers.',
  },
  ORCA_SANDBOX: {
    schema: Type.Union([Type.Literal('docker'), Type.Literal('process')]),
    default: 'docker',
    doc: "Where jobs run: in containers, or (`process`, or the argument `--no-container`) as processes of this machine without any isolation, for a developer's own; refused in production.",
  },
  ORCA_CONTAINER_RUNTIME: {
    schema: Type.String(),
    default: null,
    doc: 'Another OCI runtime of the engine: `crun`, `runsc`, Kata.',
  },
  ORCA_POOL_MB_MAX: {
    schema: Type.Integer({ minimum: 0, maximum: 1_048_576 }),
    default: 512,
    unit: 'MiB',
    doc: 'How much memory containers may take that are started ahead of their jobs, 40 MiB each; with 0 none is.',
  },
  ORCA_ALLOW_ADDRESSES: {
    schema: Type.Array(Type.String()),
    default: [],
    doc: 'Hosts, addresses and ranges (CIDR) that files may be fetched from although they are refused by rule.',
  },
  ORCA_REFUSE_PRIVATE: {
    schema: Type.Boolean(),
    default: false,
    doc: 'Whether files may not be fetched from private addresses.',
  },
  ORCA_OWN_ADDRESSES: {
    schema: Type.Array(Type.String()),
    default: [],
    doc: 'What else belongs to Orca, so that no file is fetched from it, each host or host:port: beside the database and DOCKER_HOST, which the worker knows, such as the engine of builds. A name has to resolve here.',
  },
  ORCA_ALLOW_NETWORK: {
    schema: Type.Boolean(),
    default: false,
    doc: 'Whether a job that asks for `network: "full"` gets it.',
  },
});
