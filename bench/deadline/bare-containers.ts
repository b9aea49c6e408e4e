import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { packPath } from '@orca/cli/demo';
import { DEFAULT_LIMITS, effectiveLimits } from '@orca/protocol';
import type { Night } from './night.ts';
import { shellScript } from './shell-script.ts';

/** Where a container finds its files, and may write. */
const FOLDERS = {
  downloaded: '/grading/in',
  extracted: '/grading/work/extracted',
  build: '/grading/work/build',
};
const SCRIPT = 'grade.sh';
const OUTPUT_BYTES_MAX = 64 * 2 ** 20;

/**
 * Prepares grading by `docker run`: each submission by one call of the client's binary, with the same image, the same commands
 * and like limits. The files lie on the disk already.
 *
 * @param image in the engine
 * @param folder for the files
 * @returns what grades a submission, by its index in the night, and returns what the grader printed
 */
export async function prepareDockerRuns(
  night: Night,
  image: string,
  folder: string,
): Promise<(index: number) => Promise<string>> {
  const inputs = await layOutInputs(night, folder);
  return async (index) => {
    const submission = night.submissions[index];
    const input = inputs.get(submission?.sample ?? '');
    if (submission === undefined || input === undefined) throw new Error(`Cannot grade submission ${index}`);
    return dockerRun(image, input, submission.job);
  };
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
