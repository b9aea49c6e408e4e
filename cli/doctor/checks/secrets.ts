import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type ApiKeyRole, type ListedApiKey, listApiKeys } from '@orca/database';
import { REPOSITORY } from '../../repository.ts';
import { type Check, EVERYWHERE, fail, ok, skipped, type Verdict, warn } from '../check.ts';
import { judgeSeen } from '../look.ts';
import { isThisMachine } from '../this-machine.ts';

const OTHERS_READ = 0o044;
const PERMISSIONS = 0o777;
const CREATE = 'npm run keys -- create --host course.example.edu in orchestrator/, or ./orca keys create';

/** A file with secrets in it. */
export interface SecretFile {
  readonly path: string;
  readonly mode: number;
}

/** Whether others on this machine can read the database's password. */
export function judgeFiles(files: readonly SecretFile[], isProduction: boolean): Verdict {
  const open = files.filter(({ mode }) => (mode & OTHERS_READ) !== 0).map(({ path }) => path);
  if (open.length === 0)
    return ok(
      files.length === 0
        ? 'There is no .env'
        : `${files.map(({ path }) => path).join(', ')} is for its owner only`,
    );
  const judge = isProduction ? fail : warn;
  return judge(
    `Others may read ${open.join(' and ')}, where passwords are`,
    `chmod ${(PERMISSIONS & ~0o177).toString(8)} ${open.join(' ')}`,
  );
}

/** Who is let in: without keys everybody on this machine, or in production nobody. */
export function judgeKeys(
  keys: readonly Pick<ListedApiKey, 'role' | 'state'>[],
  { isProduction, listens }: { readonly isProduction: boolean; readonly listens: string },
): Verdict {
  const active = keys.filter(({ state }) => state === 'active');
  if (active.length > 0) {
    const count = (role: ApiKeyRole): number => active.filter((key) => key.role === role).length;
    return ok(`API keys: ${count('client')} client, ${count('staff')} staff, ${count('admin')} admin`);
  }
  if (keys.length > 0)
    return warn('All API keys are revoked or expired: nobody is let in', `make one: ${CREATE}`);
  if (isProduction)
    return fail('There is no API key, and this is production: nobody is let in', `make one: ${CREATE}`);
  if (isThisMachine(listens))
    return ok('There is no API key: requests from this machine are let in as admin');
  return warn(
    `There is no API key, and the API listens on ${listens}: whoever comes through a proxy on this machine is admin`,
    `make one: ${CREATE}; and set ENVIRONMENT=production`,
  );
}

/** @param uid of this process; `undefined` where the system has none */
export function judgeUser(uid: number | undefined, isProduction: boolean): Verdict {
  if (uid !== 0) return ok('This is not root');
  if (!isProduction) return ok('This is root; for a machine of one developer that is in order');
  return warn(
    'This is root: whoever takes over a program of Orca has this machine',
    'run Orca as a user of its own (User=orca in the systemd unit), who is in the group docker on workers',
  );
}

async function findFiles(folders: readonly string[]): Promise<SecretFile[]> {
  const paths = [...new Set(folders.map((folder) => join(folder, '.env')))];
  const files = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => null);
      return found === null ? [] : [{ path, mode: found.mode }];
    }),
  );
  return files.flat();
}

/** Who may do what with this Orca. */
export const secretsChecks: readonly Check[] = [
  {
    name: 'secrets.files',
    roles: EVERYWHERE,
    async run({ folder, isProduction }) {
      const { root, workerFolder, orchestratorFolder } = REPOSITORY;
      return judgeFiles(await findFiles([folder, root, orchestratorFolder, workerFolder]), isProduction);
    },
  },
  {
    name: 'secrets.keys',
    roles: ['orchestrator'],
    run: ({ isProduction, settings, ...host }) =>
      judgeSeen(host.seeDatabase(), async ({ db, facts }) => {
        if (!facts.hasSchema) return skipped('there is no schema yet');
        const listens = settings.text('ORCA_LISTEN_ADDRESS');
        return judgeKeys(await listApiKeys(db), { isProduction, listens });
      }),
  },
  {
    name: 'user',
    roles: EVERYWHERE,
    run: async ({ isProduction }) => judgeUser(process.getuid?.(), isProduction),
  },
];
