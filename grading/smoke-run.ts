import {
  type EngineInfo,
  engineInfo,
  inspectContainer,
  inspectImage,
  isRefusal,
  removeContainer,
} from '@orca/docker';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { encodeProgram, type ImageProbe } from '@orca/protocol/sandbox-plan';
import { containerSpec, HARNESS_PROGRAM, knowsLocalhost } from './container-spec.ts';
import { bundleHarness } from './sandbox/bundle-harness.ts';
import type { DockerSandboxSetup } from './sandbox/docker.ts';
import { chooseContainerName, openJobContainer } from './sandbox/job-container.ts';
import type { RunningHarness } from './sandbox/running-harness.ts';
import { INSTALLATION_LABEL, WORKER_LABEL } from './sandbox/remove-orphans.ts';

/** What a smoke run found: the image does for jobs, or why not, in a sentence for who wrote its Dockerfile. */
export type SmokeRun = { kind: 'passed' } | { kind: 'refused'; sentence: string };

/** There is no such image or container any more; it is being removed. */
const GONE = [404, 409];
/** A busy machine starts a container in some seconds; one that needs a minute would fail every job. */
const SMOKE_MS_MAX = 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024;
const SHOWN_CHARACTERS_MAX = 400;

type Setup = Omit<DockerSandboxSetup, 'onLeftover'> & {
  /** Told of a container that could not be removed: it is an orphan then, for a later sweep. */
  readonly onLeftover: (name: string, error: unknown) => void;
};

/**
 * Tries a new grader image in a container with the settings of a job's: Node must be the base image's own, the shell must
 * work, the user must be there, and a command must run as it.
 *
 * What the image says of itself is believed here: one that lies only harms the jobs that name it, whose results are
 * never trusted further.
 *
 * @param baseId the image that it was built from, which shows what is right
 * @throws {EngineError} when the engine does not do its part, also with the base image itself
 */
export async function smokeRun(
  images: { readonly imageId: string; readonly baseId: string },
  setup: Setup,
  signal: AbortSignal,
): Promise<SmokeRun> {
  const [program, info] = await Promise.all([bundleHarness('probe'), engineInfo(setup.engine)]);
  const deps = { program, info, setup, start: 'as_jobs' } as const;
  const base = await probeImage(images.baseId, deps, signal);
  if (base.kind === 'refused') throw new Error(`Cannot try an image: the base image fails. ${base.sentence}`);
  const probed = await probeImage(images.imageId, deps, signal);
  if (probed.kind === 'probed') return verdictOf(findProblem(probed.probe, base.probe));
  // A shell of its own begins a container: where that is what it lacks, the harness can say so.
  const again = await probeImage(images.imageId, { ...deps, start: 'without_shell' }, signal);
  const problem = again.kind === 'probed' ? findProblem(again.probe, base.probe) : null;
  return verdictOf(problem ?? probed.sentence);
}

function verdictOf(sentence: string | null): SmokeRun {
  return sentence === null ? { kind: 'passed' } : { kind: 'refused', sentence };
}

interface ProbeDeps {
  readonly program: string;
  readonly info: EngineInfo;
  readonly setup: Setup;
  readonly start: 'as_jobs' | 'without_shell';
}

type Probed = { kind: 'probed'; probe: ImageProbe } | { kind: 'refused'; sentence: string };

async function probeImage(imageId: string, deps: ProbeDeps, signal: AbortSignal): Promise<Probed> {
  const { info, setup } = deps;
  const image = await inspectImage(setup.engine, imageId);
  if (image === null) throw new Error(`Cannot try the image "${imageId}": the engine has it no more`);
  const specified = containerSpec({
    imageId: image.id,
    imageEnv: image.env,
    imageVolumes: image.volumes,
    knowsLocalhost: knowsLocalhost(image.labels),
    limits: DEFAULT_LIMITS,
    networkMode: 'none',
    labels: { [INSTALLATION_LABEL]: setup.installationId, [WORKER_LABEL]: setup.workerId },
    runtime: setup.runtime,
    cgroupDriver: info.cgroupDriver,
  });
  if (specified.kind === 'refused') return specified;
  const name = chooseContainerName();
  try {
    const own = deps.start === 'as_jobs' ? {} : { Entrypoint: [...HARNESS_PROGRAM] };
    const container = await openJobContainer(setup.engine, name, { ...specified.spec, ...own }, signal);
    const probed = await converse(container, deps.program, signal);
    // One that somebody has removed says nothing of its image.
    if (probed.kind === 'refused' && (await inspectContainer(setup.engine, name)) === null)
      throw new Error(`Cannot try the image "${imageId}": its container has vanished`);
    return probed;
  } catch (error) {
    // The engine answers, and cannot start this one: the base image, tried just before, could be started. That it has no such
    // image, or container, any more is nobody's fault who wrote a Dockerfile.
    if (!isRefusal(error) || isRefusal(error, ...GONE) || signal.aborted) throw error;
    return refused(`the harness does not start in it: ${error instanceof Error ? error.message : error}`);
  } finally {
    await removeContainer(setup.engine, name).catch((error: unknown) => setup.onLeftover(name, error));
  }
}

async function converse(container: RunningHarness, program: string, signal: AbortSignal): Promise<Probed> {
  const late = AbortSignal.timeout(SMOKE_MS_MAX);
  const kill = (): void => void container.kill().catch(() => undefined);
  const over = AbortSignal.any([signal, late]);
  over.addEventListener('abort', kill, { once: true });
  if (over.aborted) kill();
  try {
    container.stdin.write(encodeProgram(program));
    const { stdout, stderr } = await hear(container);
    signal.throwIfAborted();
    if (late.aborted) return refused(`the harness did not answer in it within ${SMOKE_MS_MAX / 1000} s`);
    const probe = readProbe(stdout);
    if (probe !== null) return { kind: 'probed', probe };
    return refused(`the harness does not run in it: ${JSON.stringify(shorten(stderr || stdout))}`);
  } finally {
    over.removeEventListener('abort', kill);
    container.disconnect();
  }
}

async function hear(container: RunningHarness): Promise<{ stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  for await (const { stream, bytes } of container.output) {
    if (said[stream].length < OUTPUT_BYTES_MAX) said[stream] += bytes.toString();
  }
  return said;
}

/** Untrusted: whatever the image made of it. */
function readProbe(text: string): ImageProbe | null {
  try {
    const value: unknown = JSON.parse(text);
    return isProbe(value) ? value : null;
  } catch {
    return null;
  }
}

function isProbe(value: unknown): value is ImageProbe {
  if (typeof value !== 'object' || value === null) return false;
  if (!('nodeSha256' in value && 'userName' in value && 'shellProblem' in value)) return false;
  const texts = [value.userName, value.shellProblem];
  return (
    typeof value.nodeSha256 === 'string' && texts.every((text) => text === null || typeof text === 'string')
  );
}

function findProblem(probe: ImageProbe, base: ImageProbe): string | null {
  if (probe.nodeSha256 !== base.nodeSha256)
    return sentenceOf('/opt/orca/bin/node is not the one of the base image: leave /opt/orca as it is');
  if (probe.shellProblem !== null)
    return sentenceOf(`its shell, /bin/sh, does not run a command: ${shorten(probe.shellProblem)}`);
  if (probe.userName === base.userName) return null;
  return sentenceOf(
    `its user 1000 is ${probe.userName === null ? 'missing' : JSON.stringify(shorten(probe.userName))}: ` +
      `keep ${base.userName} in /etc/passwd as the base image has it`,
  );
}

function refused(what: string): Probed {
  return { kind: 'refused', sentence: sentenceOf(what) };
}

function sentenceOf(what: string): string {
  return `Cannot use the image: ${what}`;
}

function shorten(text: string): string {
  return text.trim().slice(0, SHOWN_CHARACTERS_MAX).toWellFormed();
}
