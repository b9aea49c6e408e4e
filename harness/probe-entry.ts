import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ImageProbe } from '@orca/protocol/sandbox-plan';

// The program that an image builder sends into a container of a new image, as a worker sends the harness: it looks at
// what jobs will need, and says what it found.

/** What containers of jobs start. Not `process.execPath`: a script in its place may start the real one elsewhere. */
const NODE = '/opt/orca/bin/node';
const GRADER_UID = 1000;
const SHELL_MS_MAX = 20_000;
/** Computed by the shell, so that an answer is no accident. */
const SUM = '$((20 + 22))';
const ANSWER = '42 1000';

/** The name of the user that commands run as; `null` where the image has none. */
function findUserName(): string | null {
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  return users.map((line) => line.split(':')).find(([, , uid]) => uid === String(GRADER_UID))?.[0] ?? null;
}

/** What is wrong with running a command as a job would; `null`: nothing. */
function tryShell(): string | null {
  const ran = spawnSync('/bin/sh', ['-c', `echo ${SUM} "$(id -u)"`], {
    uid: GRADER_UID,
    gid: GRADER_UID,
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    timeout: SHELL_MS_MAX,
    encoding: 'utf8',
  });
  if (ran.error !== undefined) return ran.error.message;
  if (ran.stdout.trim() === ANSWER) return null;
  const said = `${ran.stdout}${ran.stderr}`.trim();
  return `it ended with ${ran.signal ?? `status ${ran.status}`} and said ${JSON.stringify(said)}`;
}

function attempt<T>(look: () => T): T | null {
  try {
    return look();
  } catch {
    // Not there, or not readable: the builder says what is missing.
    return null;
  }
}

const probe: ImageProbe = {
  nodeSha256: createHash('sha256').update(readFileSync(NODE)).digest('hex'),
  userName: attempt(findUserName),
  shellProblem: tryShell(),
};
process.stdout.write(`${JSON.stringify(probe)}\n`, () => process.exit(0));
