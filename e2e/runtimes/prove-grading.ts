import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { baseImageSha, type GradingJobConfig } from '@orca/protocol';
import { endOfLog } from '../kit/end-of-log.ts';
import type { FakeClient, Received } from '../kit/fake-client.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca } from '../kit/start-orca.ts';
import { waitFor } from '../kit/wait-for.ts';

const run = promisify(execFile);
const EXAMPLE = fileURLToPath(new URL('../../examples/python-unittest/', import.meta.url));
const RESULT_MS = 240_000;
const NEXT = { on_complete: 'next', on_fail: 'next' } as const;
const OUTPUT = { on_complete: 'output' } as const;
const FORK = [
  'import os, time',
  'while True:',
  '  try:',
  '    if os.fork() == 0: os.setsid(); time.sleep(1000)',
  '  except OSError: break',
  'print("refused")',
].join('\n');
const COUNT = 'ls -d /proc/[0-9]* | wc -l';
/** Init, the harness, a shell, `ls` and `wc`; a process that is just ending may be seen, too. */
const PROCESSES_MAX = 6;

/** Python that would be root wherever the bit on the file counted. */
const SETUID_DOCKERFILE =
  'FROM orca-grader-base\nRUN cp /usr/bin/python3 /usr/bin/as-root && chmod u+s /usr/bin/as-root\n';

type Responses = NonNullable<Received['shell_responses']>;

interface Attack {
  readonly script: GradingJobConfig['script'];
  /** Throws unless the attack came to what it has to come to. */
  readonly check: (responses: Responses) => void;
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  'takes memory without end': {
    script: [
      { cmd: ['python3', '-c', 'print("before", flush=True); x = b"x" * (900 << 20)'], ...NEXT },
      { cmd: 'echo after', ...OUTPUT },
    ],
    check([hog, after]) {
      assert.deepEqual([hog?.stdout, hog?.status_code], ['before', -9]);
      assert.deepEqual(hog?.limit, { kind: 'memory', sentence: 'killed: used more than 96 MiB of memory' });
      assert.equal(after?.stdout, 'after');
    },
  },
  'forks without end': {
    script: [
      { cmd: ['python3', '-c', FORK], ...NEXT },
      { cmd: COUNT, ...OUTPUT },
    ],
    check([forks, count]) {
      assert.equal(forks?.stdout, 'refused');
      assert.match(JSON.stringify(forks?.limit), /"pids".*48 were running at once/);
      assert.equal(count?.status_code, 0);
      assert.ok(Number(count?.stdout) <= PROCESSES_MAX, count?.stdout);
    },
  },
  'leaves a daemon in a session of its own': {
    script: [
      {
        cmd: '(setsid sleep 1000 &); until grep -qsx sleep /proc/[0-9]*/comm; do sleep 0.1; done; echo runs',
        ...NEXT,
      },
      { cmd: 'if grep -sx sleep /proc/[0-9]*/comm; then echo runs; else echo gone; fi', ...OUTPUT },
    ],
    check([daemon, later]) {
      assert.equal(daemon?.stdout, 'runs');
      assert.equal(later?.stdout, 'gone');
    },
  },
  'is no root by a setuid program': {
    script: [
      { cmd: 'stat -c "%a %u" /usr/bin/as-root', ...NEXT },
      { cmd: ['/usr/bin/as-root', '-c', 'import os; print(os.getresuid())'], ...OUTPUT },
    ],
    check([bits, ids]) {
      assert.equal(bits?.stdout, '4755 0', 'the bit is on the file, which is root’s');
      assert.equal(ids?.stdout, '(1000, 1000, 1000)');
    },
  },
};

/** Who a command was, as seen from inside and by the machine. */
export interface Identity {
  /** The lines of `/proc/self/uid_map`, each split at white space. */
  readonly uidMap: string[][];
  readonly uidInside: number;
  readonly uidOfMachine: number;
}

/**
 * Lets the whole of Orca, with its settings, grade the Python example and some attacks; everything has to come back right.
 *
 * @param settings of builder and worker: which engine, and which runtime
 * @returns who commands were
 */
export async function proveGrading(settings: Record<string, string>): Promise<Identity> {
  await using orca = await startOrca();
  await orca.startImageBuilder({ ORCA_BUILD_NETWORK: 'none', ...settings });
  const { sha } = await orca.postImage(SETUID_DOCKERFILE);
  const worker = await orca.startWorker(settings);
  const example = await makeExampleJob(orca.client);
  await orca.put(example);
  const common = {
    grader_image_sha: sha,
    limits: { wall_seconds: 240, memory_mb: 96, disk_mb: 32, pids: 48 },
  };
  // No other sleeps just as long.
  const mark = `600.${randomInt(1e9, 1e10)}`;
  const script = [{ cmd: `id -u; cat /proc/self/uid_map; sleep ${mark}; true`, ...OUTPUT }];
  await orca.put(makeJob(orca.client, mark, { ...common, script }));
  for (const [name, attack] of Object.entries(ATTACKS))
    await orca.put(makeJob(orca.client, name, { ...common, script: attack.script }));
  const resultOf = async (key: string): Promise<Received> => {
    const { json } = await orca.client.waitForResult(key, RESULT_MS).catch((cause: unknown) => {
      throw new Error(`Cannot go on; the worker's log:\n${endOfLog(worker.log())}`, { cause });
    });
    assert.deepEqual(json.errors, [], key);
    return json;
  };
  const uidOfMachine = await waitFor('the command to run', () => wakeSleeper(mark), RESULT_MS);
  const { output = '' } = await resultOf(mark);
  const [uidInside, ...uidMap] = output.split('\n').map((line) => line.trim().split(/\s+/));
  for (const [name, attack] of Object.entries(ATTACKS)) {
    const { shell_responses: responses = [] } = await resultOf(name);
    assert.doesNotThrow(() => attack.check(responses), `${name}: ${JSON.stringify(responses)}`);
  }
  checkExample(await resultOf(example.key));
  return { uidMap, uidInside: Number(uidInside), uidOfMachine };
}

/** The perfect submission of the example for Python, with more time than it needs on a busy machine. */
async function makeExampleJob(client: FakeClient): Promise<GradingJobConfig> {
  const template = await readFile(join(EXAMPLE, 'job.json'), 'utf8');
  const values = { submission: 'perfect', files: client.url, response_url: `${client.url}/results` };
  const filled = Object.entries({ ...values, grader_image_sha: baseImageSha() }).reduce(
    (text, [name, value]) => text.replaceAll(`{{${name}}}`, value),
    template,
  );
  const job: GradingJobConfig = JSON.parse(filled.replace(/"(timeout|wall_seconds)": \d+/g, '"$1": 240'));
  const archives = { submission: 'submissions/perfect', tests: 'tests' };
  const files = Object.entries(archives).map(async ([name, folder]) => {
    const path = join(EXAMPLE, folder);
    const packing = run('tar', ['-czf', '-', '-C', path, ...(await readdir(path))], { encoding: 'buffer' });
    const url = client.serve(`/${name}.tar.gz`, (await packing).stdout);
    return [name, { url, mime_type: 'application/x-gtar', should_replace_paths: false }];
  });
  return { ...job, files: Object.fromEntries(await Promise.all(files)) };
}

function checkExample({ errors, score, tests, shell_responses }: Received): void {
  assert.deepEqual(errors, []);
  assert.deepEqual(score, { earned: 10, available: 10 });
  assert.equal(tests?.filter(({ status }) => status === 'passed').length, 9);
  assert.deepEqual(
    shell_responses?.map(({ status_code }) => status_code),
    [0, 0, 0, 0],
  );
}

/** Ends the program `sleep` with this argument, and says whose it was by the machine's count; `null` while there is none. */
async function wakeSleeper(argument: string): Promise<number | null> {
  for (const id of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const read = (file: string): Promise<string> => readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '');
    if ((await read('cmdline')) !== `sleep\0${argument}\0`) continue;
    const [, uid] = /^Uid:\s+(\d+)/m.exec(await read('status')) ?? [];
    if (uid === undefined) continue;
    process.kill(Number(id));
    return Number(uid);
  }
  return null;
}
