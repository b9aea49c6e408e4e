import { setTimeout as sleep } from 'node:timers/promises';
import { baseImageSha, type GradingJobConfig } from '@orca/protocol';
import { madeIn, type SoakImages } from './ask-for-images.ts';
import { callApi } from './call-api.ts';
import type { PlannedJob } from './plan-jobs.ts';
import { fileOf, type SoakClient } from './soak-client.ts';
import type { World } from './start-world.ts';

/** What a client knows of one of its jobs. */
export interface Entry {
  readonly job: PlannedJob;
  /** The ids that it was answered; more than one is a fault. */
  readonly ids: Set<number>;
  /** What its results may say: the output of each content that was put, the newest last. */
  readonly outputs: string[];
  /** Before the first `PUT` was sent, and when its answer came; in milliseconds since 1970. */
  readonly sentAt: number;
  answeredAt: number;
  /** What a `DELETE` was answered; `unclear`: it was sent more than once, since an answer did not come. */
  cancel: 'none' | 'done' | 'too late' | 'unclear';
}

/** What a soak has sent. */
export interface Ledger {
  readonly entries: Entry[];
  /** Requests that were sent again because no answer, or a 503, came. */
  repeats: number;
}

/** What a client may send at once, waiting for results: a share of all, so that small soaks last for a while too. */
const WINDOW = { share: 0.1, min: 8, max: 100 } as const;
const WINDOW_LOOK_MS = 50;

/** What jobs are sent with. */
export interface Sending {
  readonly world: World;
  readonly images: SoakImages;
  readonly ledger: Ledger;
  /** Once it has aborted no other job is begun. */
  readonly enough: AbortSignal;
}

/**
 * Sends jobs as a client does: what is not answered, or with 503, is sent again until it is.
 *
 * @returns when all are sent, or it is enough; results come later
 * @throws on an answer that none of them may get
 */
export async function submitJobs(
  jobs: readonly PlannedJob[],
  sending: Sending,
  signal: AbortSignal,
): Promise<void> {
  const { world, ledger, enough } = sending;
  const window = Math.min(WINDOW.max, Math.max(WINDOW.min, Math.round(jobs.length * WINDOW.share)));
  const failing = new AbortController();
  const either = AbortSignal.any([signal, failing.signal]);
  const treated: Promise<void>[] = [];
  for (const job of jobs) {
    while (!enough.aborted && ledger.entries.length - world.client.endedAt.size >= window)
      await sleep(WINDOW_LOOK_MS, null, { signal: either }).catch(() => either.throwIfAborted());
    if (enough.aborted) break;
    const entry: Entry = {
      ...{ job, ids: new Set(), outputs: [], sentAt: Date.now(), answeredAt: 0, cancel: 'none' },
    };
    ledger.entries.push(entry);
    const treating = treat(entry, sending, either);
    treating.catch((error: unknown) => failing.abort(error));
    treated.push(treating);
  }
  await Promise.all(treated);
}

async function treat(entry: Entry, sending: Sending, signal: AbortSignal): Promise<void> {
  const { job } = entry;
  const times = job.treatment === 'put three times at once' ? 3 : 1;
  await Promise.all(Array.from({ length: times }, () => put(entry, 1, sending, signal)));
  entry.answeredAt = Date.now();
  if (job.treatment !== 'superseded' && job.treatment !== 'cancelled') return;
  await sleep(job.treatedAfterMs, null, { signal });
  if (job.treatment === 'superseded') await put(entry, 2, sending, signal);
  else await cancel(entry, sending, signal);
}

async function put(entry: Entry, version: number, sending: Sending, signal: AbortSignal): Promise<void> {
  const { world, images, ledger } = sending;
  const { job } = entry;
  const sha = job.image === null ? baseImageSha() : await images.want(job.image, signal);
  const { config, output } = contentOf(job, { version, sha, client: world.client });
  if (!entry.outputs.includes(output)) entry.outputs.push(output);
  const accepts = job.image === null ? [200] : [200, 400];
  const call = { method: 'PUT', url: `${world.url}/api/v1/grading_queue`, body: config, accepts } as const;
  for (;;) {
    const { status, body, repeats } = await callApi(call, signal);
    ledger.repeats += repeats;
    if (status === 200) return void entry.ids.add(body.status?.id ?? -1);
    // Three faults of ours have ended the build, and the client is told to send the Dockerfile again.
    await images.wantAgain(job.image ?? 0, signal);
  }
}

/** What is put for the `version`th time, and what comes out of it. */
function contentOf(
  job: PlannedJob,
  { version, sha, client }: { readonly version: number; readonly sha: string; readonly client: SoakClient },
): { config: GradingJobConfig; output: string } {
  const made = job.image === null ? '' : ' /opt/made';
  const cmd = `sleep ${job.runsSeconds}; cat $EXTRACTED/submission/*${made}; echo "version ${version}"`;
  const url = client.serveFile(job.key);
  const config: GradingJobConfig = {
    key: job.key,
    collation: { type: 'user', id: job.submitter },
    metadata_table: { course: 'CS 1' },
    files: { submission: { url, mime_type: 'text/plain', should_replace_paths: false } },
    priority: job.delaySeconds,
    script: [{ cmd, on_complete: 'output' }],
    response_url: client.resultUrl,
    grader_image_sha: sha,
  };
  const lines = [fileOf(job.key), ...(job.image === null ? [] : [madeIn(job.image)]), `version ${version}`];
  return { config, output: lines.join('\n') };
}

async function cancel(entry: Entry, { world, ledger }: Sending, signal: AbortSignal): Promise<void> {
  const [id] = entry.ids;
  const url = `${world.url}/api/v1/grading_queue/${id}`;
  const { status, repeats } = await callApi({ method: 'DELETE', url, accepts: [200, 404] }, signal);
  ledger.repeats += repeats;
  if (status === 200) entry.cancel = 'done';
  // The one that got no answer may have done it.
  else entry.cancel = repeats > 0 ? 'unclear' : 'too late';
}
