import {
  type Engine,
  type EngineInfo,
  engineInfo,
  ensureIsolatedBridge,
  inspectImage,
  removeContainer,
} from '@orca/docker';
import { containerSpec } from '../container-spec.ts';
import { bundleHarness } from './bundle-harness.ts';
import { type Conversed, converse } from './converse.ts';
import { chooseContainerName, type JobContainer, openJobContainer } from './job-container.ts';
import { CONTAINER_FOLDERS, planJob } from './plan-job.ts';
import { INSTALLATION_LABEL, removeOrphans, WORKER_LABEL } from './remove-orphans.ts';
import type { Sandbox, SandboxEnding, SandboxEvent, SandboxJob, SandboxReport } from './sandbox.ts';

/** What a sandbox of containers is made of. */
export interface DockerSandboxSetup {
  readonly engine: Engine;
  readonly installationId: string;
  readonly workerId: string;
  /** Another OCI runtime than the engine's default. */
  readonly runtime?: string;
  /** Told of a container that could not be removed: it is an orphan then, for a later sweep. */
  readonly onLeftover?: (name: string, error: unknown) => void;
}

/**
 * Runs jobs in containers of an engine: one fresh container each, removed afterwards in the background, so that nobody
 * waits for it. Disposing of the sandbox waits for the removals.
 *
 * @throws {EngineError} when the engine does not say what it is
 * @see docs/security.md
 */
export async function createDockerSandbox(setup: DockerSandboxSetup): Promise<Sandbox> {
  const { engine, installationId } = setup;
  const [program, info] = await Promise.all([bundleHarness(), engineInfo(engine)]);
  const inUse = new Set<string>();
  const removals = new Set<Promise<void>>();

  const removeInBackground = (name: string): void => {
    const removal = removeContainer(engine, name)
      .catch((error: unknown) => setup.onLeftover?.(name, error))
      .finally(() => {
        inUse.delete(name);
        removals.delete(removal);
      });
    removals.add(removal);
  };

  return {
    async run(job, onEvent, signal) {
      const name = chooseContainerName();
      inUse.add(name);
      try {
        return await runInContainer({ name, job, program, info, setup }, onEvent, signal);
      } finally {
        removeInBackground(name);
      }
    },
    removeOrphans: (isAlive) =>
      removeOrphans(engine, installationId, (container) => inUse.has(container.name) || isAlive(container)),
    async [Symbol.asyncDispose]() {
      await Promise.all(removals);
    },
  };
}

interface Run {
  readonly name: string;
  readonly job: SandboxJob;
  readonly program: string;
  readonly info: EngineInfo;
  readonly setup: DockerSandboxSetup;
}

async function runInContainer(
  run: Run,
  onEvent: (event: SandboxEvent) => void,
  signal: AbortSignal,
): Promise<SandboxReport> {
  const startedAt = performance.now();
  const opened = await open(run, onEvent, signal);
  if (opened.kind === 'not_opened') return reportOf(nothingSaid(opened.ending), startedAt);
  const { job, program } = run;
  const plan = planJob(job, opened.imageEnv);
  const conversation = { program, plan, files: job.files, limits: job.limits };
  return reportOf(await converse(opened.container, conversation, onEvent, signal), startedAt);
}

type Opened =
  | { readonly kind: 'opened'; readonly container: JobContainer; readonly imageEnv: readonly string[] }
  | { readonly kind: 'not_opened'; readonly ending: SandboxEnding };

async function open(
  { name, job, info, setup }: Run,
  onEvent: (event: SandboxEvent) => void,
  signal: AbortSignal,
): Promise<Opened> {
  const notOpened = (ending: SandboxEnding): Opened => ({ kind: 'not_opened', ending });
  try {
    signal.throwIfAborted();
    const image = await inspectImage(setup.engine, job.imageId);
    if (image === null) {
      const sentence = `Cannot start a container: the engine has no image "${job.imageId}"`;
      return notOpened({ kind: 'failed', sentence });
    }
    const labels = { [INSTALLATION_LABEL]: setup.installationId, [WORKER_LABEL]: setup.workerId };
    const specified = containerSpec({
      imageId: image.id,
      imageVolumes: image.volumes,
      limits: job.limits,
      networkMode: job.network === 'none' ? 'none' : await ensureNetwork(setup),
      labels,
      runtime: setup.runtime,
      cgroupDriver: info.cgroupDriver,
    });
    if (specified.kind === 'refused') return notOpened({ kind: 'limit', sentence: specified.sentence });
    onEvent({ kind: 'container', name });
    const container = await openJobContainer(setup.engine, name, specified.spec, signal);
    return { kind: 'opened', container, imageEnv: image.env };
  } catch (cause) {
    if (signal.aborted) return notOpened({ kind: 'stopped' });
    const sentence = cause instanceof Error ? cause.message : 'Cannot start a container';
    return notOpened({ kind: 'failed', sentence, cause });
  }
}

/** A network of this installation's own, for jobs that may reach the outside. */
async function ensureNetwork({ engine, installationId }: DockerSandboxSetup): Promise<string> {
  const name = `orca-${installationId}`;
  await ensureIsolatedBridge(engine, name, { [INSTALLATION_LABEL]: installationId });
  return name;
}

function nothingSaid(ending: SandboxEnding): Conversed {
  return { steps: [], ending, readyAt: null, filesReadyAt: null };
}

/** Whatever it did not get to took no time. */
function reportOf({ steps, ending, readyAt, filesReadyAt }: Conversed, startedAt: number): SandboxReport {
  const endedAt = performance.now();
  const ready = readyAt ?? endedAt;
  const filesReady = filesReadyAt ?? endedAt;
  return {
    steps,
    ending,
    folders: CONTAINER_FOLDERS,
    timings: {
      containerMs: ready - startedAt,
      filesMs: filesReady - ready,
      commandsMs: endedAt - filesReady,
    },
  };
}
