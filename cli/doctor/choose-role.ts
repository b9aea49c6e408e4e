import { basename } from 'node:path';
import type { Environment } from '@orca/daemon';
import type { Role } from './check.ts';
import { isThisMachine } from './this-machine.ts';

/** A role, and what made us think so. */
export interface ChosenRole {
  readonly role: Role;
  /** As a sentence about it ends: `--role says so`. */
  readonly because: string;
}

const ORCHESTRATOR_ONLY = ['API_PORT', 'ORCA_LISTEN_ADDRESS', 'ORCA_BUILD_DOCKER_HOST'];

/**
 * What a machine seems to be there for: what was asked for, else what its settings are about.
 *
 * @param folder where it runs: settings lie in a `.env` beside the programs that read them
 */
export function chooseRole(asked: Role | null, env: Environment, folder: string): ChosenRole {
  if (asked !== null) return { role: asked, because: '--role says so' };
  const inside = basename(folder);
  if (inside === 'worker' || inside === 'orchestrator')
    return { role: inside, because: `this is the folder ${inside}/` };
  const host = env['ORCA_WEB_SERVER_HOST'] ?? '';
  if (host !== '' && !isThisMachine(host))
    return { role: 'worker', because: 'ORCA_WEB_SERVER_HOST names another machine' };
  const named = ORCHESTRATOR_ONLY.find((name) => (env[name] ?? '') !== '');
  if (named !== undefined && host === '') return { role: 'orchestrator', because: `${named} is set` };
  return { role: 'all', because: 'no setting says that it is only a part' };
}
