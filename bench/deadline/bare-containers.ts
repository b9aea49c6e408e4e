import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { packPath } from '@orca/cli/demo';
import { DEFAULT_LIMITS, effectiveLimits } from '@orca/protocol';
import type { Night } from './night.ts';
import { SLOTS } from './scale.ts';
import { shellScript } from './shell-script.ts';
import { tellProgress } from './tell-progress.ts';

/** Where a container finds its files, and may write. */
const FOLDERS = {
  downloaded: '/grading/in',
  extracted: '/grading/work/extracted',
  build: '/grading/work/build',
};
const SCRIPT = 'grade.sh';
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;
const SECOND_MS = 1_000;

/** What grading by `docker run` came to. */
export type BareNight = {
  /** From the first hand-in to the last end. */
  makespanSeconds: number;
  /** What the grader printed, by the index of the submission. */
  outputs: string[];
};

/**
 * Grades the night's submissions as they come, first come, first served, two at a time, each by one `docker run` of the
 * client's binary: the same image, the same commands, like limits. The files lie on the disk already.
 *
 * @param image in the engine
 * @param folder for the files
 * @param say told every ten seconds how far it is
 */
export async function gradeByDockerRun(
  night: Night,
  image: string,
  folder: string,
  say: (line: string) => void,
): Promise<BareNight> {
  const inputs = await layOutInputs(night, folder);
  const run = async (index: number): Promise<string> => {
    const submission = night.submissions[index];
    const input = inputs.get(submission?.sample ?? '');
    if (submission === undefined || input === undefined) throw new Error(`Cannot grade submission ${index}`);
    return dockerRun(image, input, submission.job);
  };
  // Once aside: what an engine does but once for an image is not what is measured.
  await run(0);
  const outputs: string[] = [];
  const beganMs = performance.now();
  let next = 0;
  let graded = 0;
  using _ = tellProgress(() => `${graded} of ${night.submissions.length} graded`, say);
  const lane = async (): Promise<void> => {
    for (let index = next++; index < night.submissions.length; index = next++) {
      const atMs = beganMs + (night.submissions[index]?.atSeconds ?? 0) * SECOND_MS;
      await pause(Math.max(0, atMs - performance.now()));
      outputs[index] = await run(index);
      graded += 1;
    }
  };
  await Promise.all(Array.from({ length: SLOTS }, lane));
  const firstMs = beganMs + (night.submissions[0]?.atSeconds ?? 0) * SECOND_MS;
  return { makespanSeconds: (performance.now() - firstMs) / SECOND_MS, outputs };
}

/** One folder for each sample, with its files by their names in the job, and the script. */
async function layOutInputs({ example, samples }: Night, folder: string): Promise<Map<string, string>> {
  const inputs = new Map<string, string>();
  for (const { submission, job } of samples) {
    const input = path.join(folder, submission);
    await mkdir(input, { recursive: true });
    for (const [name, { url }] of Object.entries(job.files)) {
      const below = decodeURIComponent(new URL(url).pathname.split('/').slice(3).join('/'));
      const bytes = await packPath(example.folder, below);
      if (bytes === null) throw new Error(`Cannot find "${below}" of "${example.name}"`);
      await writeFile(path.join(input, name), bytes);
    }
    await writeFile(path.join(input, SCRIPT), shellScript(job, FOLDERS));
    inputs.set(submission, input);
  }
  return inputs;
}

async function dockerRun(
  image: string,
  input: string,
  job: Night['submissions'][number]['job'],
): Promise<string> {
  const { limits } = effectiveLimits(job, DEFAULT_LIMITS);
  const memory = `${limits.memoryMb + limits.diskMb}m`;
  const args = [
    ...['run', '--rm', '--network', 'none', '--read-only', '--user', '1000:1000', '--cap-drop', 'ALL'],
    ...[
      '--security-opt',
      'no-new-privileges',
      '--cpus',
      String(limits.cpus),
      '--pids-limit',
      String(limits.pids),
    ],
    ...['--memory', memory, '--memory-swap', memory, '--log-driver', 'none', '--init'],
    ...[
      '--tmpfs',
      `/grading/work:rw,exec,size=${limits.diskMb}m,uid=1000,gid=1000`,
      '--tmpfs',
      '/tmp:rw,exec',
    ],
    ...['--volume', `${input}:${FOLDERS.downloaded}:ro`, '--workdir', '/grading/work'],
    ...['--env', 'HOME=/grading/work', '--entrypoint', '/bin/sh', image, `${FOLDERS.downloaded}/${SCRIPT}`],
  ];
  const { stdout } = await promisify(execFile)('docker', args, { maxBuffer: OUTPUT_BYTES_MAX });
  return stdout;
}
