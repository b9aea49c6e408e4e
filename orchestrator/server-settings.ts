import { defineSettings } from '@orca/daemon';
import { Type } from 'typebox';

/** The settings of `main.ts server`, beside those of every daemon. */
export const serverSettings = defineSettings({
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
  DOCKER_HOST: {
    schema: Type.String(),
    default: null,
    doc: 'Where the Docker engine listens; clients are never reached there.',
  },
});

/** The settings of `main.ts migrate`. */
export const migrateSettings = defineSettings({ POSTGRES_URL: serverSettings.POSTGRES_URL });
