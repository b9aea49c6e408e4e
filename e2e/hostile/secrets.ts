import { hostname } from 'node:os';
import type { TestOrca } from '../kit/start-orca.ts';

/** What a job's container must not know, by what it is. */
export type Secrets = Readonly<Record<string, string>>;

/** A host's name is worth looking for when it is no word that stands anywhere. */
const HOSTNAME_CHARACTERS_MIN = 8;

// As XOR of every byte: a program that held the words themselves in order to look for them would find itself.
const DISGUISE = 0x55;

/** Lists all that stands around a job and is no business of its submission's. */
export function listSecrets(job: {
  readonly orca: TestOrca;
  readonly apiKey: string;
  readonly key: string;
  readonly config: {
    readonly collation: { readonly id: string };
    readonly metadata_table: Readonly<Record<string, string>>;
    readonly response_url: string;
  };
  readonly fileUrl: string;
}): Secrets {
  const { orca, config } = job;
  const host = hostname();
  return {
    'the API key': job.apiKey,
    // The result says it, and the container must not.
    'the key of the job': job.key,
    'the response_url': config.response_url,
    'the path of the response_url': new URL(config.response_url).pathname,
    "the file's URL": job.fileUrl,
    "the path of the file's URL": new URL(job.fileUrl).pathname,
    "the student's id": config.collation.id,
    ...Object.fromEntries(Object.entries(config.metadata_table).map(([name, text]) => [`the ${name}`, text])),
    'the URL of the database': orca.databaseUrl,
    'the name of the database': new URL(orca.databaseUrl).pathname.slice(1),
    "the server's URL": orca.url,
    "the client's URL": orca.client.url,
    ...(host.length < HOSTNAME_CHARACTERS_MIN ? {} : { "the machine's name": host }),
  };
}

/** A file with which a program can look for secrets without knowing them: a line for each, its name and its bytes, disguised. */
export function writeSecretsFile(secrets: Secrets): Buffer {
  const lines = Object.entries(secrets).map(([name, secret]) => {
    const disguised = Buffer.from(secret).map((byte) => byte ^ DISGUISE);
    return `${name}\t${Buffer.from(disguised).toString('hex')}\n`;
  });
  return Buffer.from(lines.join(''));
}
