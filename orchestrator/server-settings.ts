import { defineSettings, spanSettings } from '@orca/daemon';
import { Type } from 'typebox';
import { imageSettings } from './image-settings.ts';

/** The settings of `main.ts server`, beside those of every daemon. */
export const serverSettings = defineSettings({
  ...spanSettings,
  POSTGRES_URL: {
    schema: Type.String({ pattern: '^postgres(ql)?://', description: 'a postgresql:// URL' }),
    doc: 'The database: postgresql://user:password@host:port/name.',
    secret: true,
  },
  API_PORT: {
    schema: Type.Integer({ minimum: 0, maximum: 65_535 }),
    default: 4000,
    doc: 'The port that the API listens on; 0 takes a free one.',
  },
  ORCA_LISTEN_ADDRESS: {
    schema: Type.String(),
    default: null,
    doc: 'The address that the API listens on; unset: 0.0.0.0 in production, 127.0.0.1 otherwise.',
  },
  ORCA_ALLOW_ADDRESSES: {
    schema: Type.Array(Type.String()),
    default: [],
    doc: 'Hosts, addresses and CIDR ranges that clients may have although they are loopback, link-local or the like; each may end in :port.',
  },
  ORCA_REFUSE_PRIVATE: {
    schema: Type.Boolean(),
    default: false,
    doc: 'Refuse clients in private address ranges.',
  },
  ORCA_DELIVERIES_MAX: {
    schema: Type.Integer({ minimum: 1, maximum: 256 }),
    default: 16,
    doc: 'POSTs to clients that may be under way at once; one host never gets more than two.',
  },
  ORCA_KEEP_JOBS_DAYS: {
    schema: Type.Number({ minimum: 0, maximum: 36_500 }),
    default: 30,
    unit: 'days',
    doc: 'How long a finished job is kept, with its results and deliveries; one that is not delivered yet stays.',
  },
  ORCA_KEEP_JOBS_MAX: {
    schema: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
    default: null,
    unit: 'jobs',
    doc: 'How many finished jobs are kept at most, the newest; unset: any number.',
  },
  ORCA_PRUNE_SECONDS: {
    schema: Type.Number({ minimum: 0.5, maximum: 86_400 }),
    default: 600,
    unit: 'seconds',
    doc: 'How often what is older than it is kept is removed.',
  },
  ORCA_EVENT_HOURS: {
    schema: Type.Number({ minimum: 0.1, maximum: 720 }),
    default: 48,
    doc: 'How long events of jobs are kept for event streams, in hours.',
  },
  ORCA_EVENTS_MAX: {
    schema: Type.Integer({ minimum: 1_000, maximum: 100_000_000 }),
    default: 1_000_000,
    doc: 'Most events of jobs that are kept; the oldest go first.',
  },
  ORCA_KEY_REQUESTS_PER_SECOND: {
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 1_000,
    doc: 'Requests a second that one API key may go on sending; more are answered 503 with Retry-After.',
  },
  ORCA_KEY_REQUESTS_BURST: {
    schema: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    default: 5_000,
    doc: 'Requests that one API key may send at once beyond that rate: "regrade all" is such a burst.',
  },
  ORCA_CONNECTIONS_MAX: {
    schema: Type.Integer({ minimum: 1, maximum: 100_000 }),
    default: 2_000,
    doc: 'Connections to the API at once, idle ones too; more are closed unanswered.',
  },
  DOCKER_HOST: {
    schema: Type.String(),
    default: null,
    doc: 'Where the Docker engine listens; clients are never reached there.',
  },
  ORCA_BUILD_DOCKER_HOST: {
    schema: Type.String(),
    default: null,
    doc: 'Where the engine of builds listens, if it is another; clients are never reached there.',
  },
  ORCA_OWN_ADDRESSES: {
    schema: Type.Array(Type.String()),
    default: [],
    doc: 'What else belongs to Orca, so that no client is reached there, each host or host:port: beside the database and those engines, such as the engines of workers. A name has to resolve here.',
  },
  ...imageSettings,
});

/** The settings of `main.ts migrate` and `main.ts keys`. */
export const migrateSettings = defineSettings({ POSTGRES_URL: serverSettings.POSTGRES_URL });
