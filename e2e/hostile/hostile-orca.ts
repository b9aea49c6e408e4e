import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { connectDatabase, createApiKey } from '@orca/database';
import { packContext } from '@orca/docker';
import type { GradingJobConfig } from '@orca/protocol';
import { assertSound } from '../kit/assert-sound.ts';
import { containersOf } from '../kit/containers.ts';
import { makeJob } from '../kit/make-job.ts';
import { startOrca, type TestOrca } from '../kit/start-orca.ts';
import type { OrcaProcess } from '../kit/start-process.ts';
import { waitFor } from '../kit/wait-for.ts';
import { judgeResult } from './judge-result.ts';
import { startNeighbours } from './neighbour.ts';
import type { Attack, AttackJob } from './read-attacks.ts';
import { listSecrets, writeSecretsFile } from './secrets.ts';

/** A job with its key; whatever else it does not say is the usual. */
type JobToSend = Partial<GradingJobConfig> & { readonly key: string };

/** PUTs a job as a client with a key of its own. */
export type SendJob = (job: JobToSend) => Promise<{
  readonly id: number;
  /** Resolves when its client has been told that a worker has it. */
  readonly claimed: Promise<void>;
}>;

/** A whole Orca whose worker is attacked by the submissions that it grades. */
export interface HostileOrca extends AsyncDisposable {
  /**
   * Has an attack graded while well-behaved jobs go through the same worker, and asserts that it got nowhere: its results
   * are what they must be, and the neighbours' are as if they were alone.
   *
   * @returns what is worth telling
   */
  withstand(attack: Attack): Promise<string>;
  /** Stops the worker, and asserts that nothing of all this is left. */
  end(): Promise<void>;
}

/** One for the attack, one for its neighbours, and one for the second job of attacks that need two at once. */
const SLOTS = 3;
const CLAIM_MS = 60_000;
const RESULT_MS = 180_000;
const IMAGE_MS = 240_000;
/** Far below what a flood of 1 GB would take if it were kept. */
const WORKER_PEAK_MIB_MAX = 512;
const SETTINGS = {
  ORCA_CONCURRENCY: String(SLOTS),
  ORCA_SWEEP_SECONDS: '1',
  ORCA_BUILD_NETWORK: 'none',
};

/** Starts one, with its server, worker and client. */
export async function openHostileOrca(): Promise<HostileOrca> {
  await using opened = new AsyncDisposableStack();
  const orca = opened.use(await startOrca(SETTINGS));
  const apiKey = await makeApiKey(orca);
  const worker = await orca.startWorker();
  const sendJob = createSender(orca, apiKey);
  const stack = opened.move();
  let building: Promise<string> | undefined;

  const imageOf = async (attack: Attack): Promise<{ grader_image_sha?: string }> => {
    if (!attack.needs_image) return {};
    building ??= buildImage(orca, apiKey);
    return { grader_image_sha: await building };
  };

  return {
    async withstand(attack) {
      const image = await imageOf(attack);
      const neighbours = await startNeighbours(orca, sendJob, `neighbour of ${attack.folder}`);
      const send = async (job: AttackJob, index: number): Promise<void> => {
        const key = `${attack.folder} ${index} ${randomBytes(8).toString('hex')}`;
        await runJob({ orca, sendJob, attack, job, key, image, apiKey });
      };
      let graded = 0;
      try {
        if (attack.together) await Promise.all(attack.jobs.map(send));
        else for (const [index, job] of attack.jobs.entries()) await send(job, index);
      } finally {
        graded = await neighbours.stop();
      }
      const peakMib = await assertUnharmed(worker);
      return `${graded} neighbours were graded meanwhile; the worker has used ${peakMib} MiB at most`;
    },
    async end() {
      assert.equal(await worker.stop(), 0);
      assert.deepEqual(await containersOf(orca.databaseUrl), []);
      await assertSound(orca.databaseUrl);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** @returns the key itself, which the database does not know */
async function makeApiKey(orca: TestOrca): Promise<string> {
  await using db = await connectDatabase({ url: orca.databaseUrl, applicationName: 'orca-e2e' });
  const apiKey = randomBytes(32).toString('hex');
  const keySha256 = createHash('sha256').update(apiKey).digest();
  const hostnames = [new URL(orca.client.url).hostname];
  assert.notEqual(await createApiKey(db, { keySha256, role: 'client', hostnames }), null);
  return apiKey;
}

function createSender(orca: TestOrca, key: string): SendJob {
  return async (job) => {
    const { status, body } = await orca.put(makeJob(orca.client, job.key, job), { 'x-api-key': key });
    assert.equal(status, 200, JSON.stringify(body));
    const isClaimed = (): boolean =>
      orca.client.posts.some(({ json }) => json.key === job.key && json.status?.location === 'Worker');
    return {
      id: body.status?.id ?? 0,
      claimed: waitFor(`a worker to take ${job.key}`, isClaimed, CLAIM_MS).then(() => undefined),
    };
  };
}

async function buildImage(orca: TestOrca, apiKey: string): Promise<string> {
  await orca.startImageBuilder();
  const dockerfile = await readFile(join(import.meta.dirname, 'hostile-grader.Dockerfile'), 'utf8');
  const responses = '/images-built';
  const posted = await orca.postImage(dockerfile, orca.client.url + responses, { 'x-api-key': apiKey });
  assert.equal(posted.status, 200, JSON.stringify(posted.body));
  const outcome = await waitFor(
    'the outcome of the build',
    () => orca.client.posts.find(({ path }) => path === responses)?.json,
    IMAGE_MS,
  );
  assert.equal(outcome.was_successful, true, JSON.stringify(outcome));
  return posted.sha;
}

interface RunningAttack {
  readonly orca: TestOrca;
  readonly sendJob: SendJob;
  readonly attack: Attack;
  readonly job: AttackJob;
  readonly key: string;
  readonly image: { readonly grader_image_sha?: string };
  readonly apiKey: string;
}

async function runJob(running: RunningAttack): Promise<void> {
  const { orca, sendJob, attack, job, key, image, apiKey } = running;
  const mark = randomBytes(8).toString('hex');
  const config = {
    collation: { type: 'user' as const, id: `student-${mark}` },
    metadata_table: { student: `name-${mark}` },
    response_url: `${orca.client.url}/results-${mark}`,
    script: job.script,
    ...(job.limits && { limits: job.limits }),
    ...image,
  };
  const path = `/submissions-${mark}/submission.tar`;
  const secrets = listSecrets({ orca, apiKey, key, config, fileUrl: orca.client.url + path });
  const disguised = attack.looks_for_secrets
    ? [{ name: 'secrets.txt', content: writeSecretsFile(secrets) }]
    : [];
  const tar = await buffer(packContext([...attack.files, ...disguised]));
  const submission = {
    url: orca.client.serve(path, tar),
    mime_type: 'application/x-tar',
    should_replace_paths: false,
  };
  const { id, claimed } = await sendJob({ ...config, key, files: { submission } });
  if (job.is_cancelled) {
    await claimed;
    await waitForCommand(orca, apiKey, id);
    await cancel(orca, apiKey, id);
  }
  const result = await orca.client.waitForResult(key, RESULT_MS);
  judgeResult(job, result);
  const withoutKey = result.body.toString().replaceAll(key, '');
  for (const [name, secret] of Object.entries(secrets))
    assert.ok(!withoutKey.includes(secret), `${name} is in the result`);
  assert.equal(orca.client.resultsOf(key).length, 1, 'one result, POSTed once');
}

/** Follows what the API tells of a job until a command of it has ended. */
async function waitForCommand(orca: TestOrca, apiKey: string, id: number): Promise<void> {
  const headers = { 'x-api-key': apiKey };
  const signal = AbortSignal.timeout(CLAIM_MS);
  const answer = await fetch(`${orca.url}/api/v1/jobs/${id}/events`, { headers, signal });
  assert.ok(answer.status === 200 && answer.body);
  let told = '';
  for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
    told += chunk;
    if (/^event: command$/m.test(told)) return;
  }
  assert.fail(`the job ended before: ${told}`);
}

async function cancel(orca: TestOrca, apiKey: string, id: number): Promise<void> {
  const headers = { 'x-api-key': apiKey };
  const answer = await fetch(`${orca.url}/api/v1/grading_queue/${id}`, { method: 'DELETE', headers });
  assert.equal(answer.status, 200);
}

/** @returns the most memory that the worker has used, in MiB */
async function assertUnharmed(worker: OrcaProcess): Promise<number> {
  const status = await readFile(`/proc/${worker.pid}/status`, 'utf8');
  const peakMib = Math.round(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024);
  assert.ok(peakMib <= WORKER_PEAK_MIB_MAX, `the worker has used ${peakMib} MiB`);
  assert.doesNotMatch(worker.log(), /"level":(50|60)/);
  return peakMib;
}
