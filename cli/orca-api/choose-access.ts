import type { Environment } from '@orca/daemon';
import { USAGE_STATUS, UserError } from '../user-error.ts';

/** Which Orca is asked, and as whom. */
export interface OrcaAccess {
  /** Without a slash at the end: `http://127.0.0.1:4000`. */
  readonly server: string;
  /** Secret; `null`: none is sent. */
  readonly key: string | null;
}

const SERVER_VARIABLE = 'ORCA_SERVER';
const KEY_VARIABLE = 'ORCA_API_KEY';
const DEFAULT_SERVER = 'http://127.0.0.1:4000';
const usage = { status: USAGE_STATUS };
/** What an HTTP header takes; the complaint of a header that does not would show the key. */
const KEY_FORM = /^[\x21-\x7e]+$/;

/**
 * Decides which Orca a command talks to: the options, else the environment, else one on this machine without a key.
 *
 * @throws {UserError} with the status of wrong usage, for an address or a key that cannot be one; the key is never shown
 */
export function chooseAccess(
  options: { readonly server?: string; readonly key?: string },
  env: Environment,
): OrcaAccess {
  const key = options.key ?? (env[KEY_VARIABLE] || null);
  if (key !== null && !KEY_FORM.test(key))
    throw new UserError('Cannot use the API key: it must be visible ASCII characters without blanks', usage);
  return { server: readServer(options.server ?? (env[SERVER_VARIABLE] || DEFAULT_SERVER)), key };
}

function readServer(text: string): string {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new UserError(
      `Cannot use "${text}" as the address of Orca: it must look like ${DEFAULT_SERVER} (--server, or ${SERVER_VARIABLE})`,
      usage,
    );
  if (url.username !== '' || url.password !== '')
    throw new UserError(
      `Cannot use an address with a user or password in it: the key comes by ${KEY_VARIABLE}`,
      usage,
    );
  return url.origin + url.pathname.replace(/(?<!\/)\/+$/, '');
}
