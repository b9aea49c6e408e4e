import { type CreateRequest, type EngineInfo, ensureIsolatedBridge, isRefusal } from '@orca/docker';
import { containerSpec } from '../container-spec.ts';
import { type ContainerPool, createContainerPool } from './container-pool.ts';
import { READY_MS_MAX } from './converse.ts';
import type { DockerSandboxSetup } from './docker.ts';
import type { ImageFacts, ImageFactsMemory } from './image-facts.ts';
import { openJobContainer } from './job-container.ts';
import type { OwnContainers } from './own-containers.ts';
import { HarnessError } from './read-frames.ts';
import { INSTALLATION_LABEL, WORKER_LABEL } from './remove-orphans.ts';
import type { RunningHarness } from './running-harness.ts';
import type { SandboxEnding, SandboxEvent, SandboxJob } from './sandbox.ts';
import { loadHarness } from './waiting-container.ts';

/** What opening containers needs. */
export interface OpenDeps {
  readonly setup: DockerSandboxSetup;
  /** The harness. */
  readonly program: string;
  readonly info: EngineInfo;
  readonly images: ImageFactsMemory;
  readonly containers: OwnContainers;
}

/** A started container for one job. */
export interface JobContainer {
  readonly name: string;
  readonly harness: RunningHarness;
  /** What is still to be sent before the plan; `null`: its harness is loaded. */
  readonly program: string | null;
  readonly image: ImageFacts;
}

/** A container, or why there is none. */
export type Opened =
  | { readonly kind: 'opened'; readonly container: JobContainer }
  | { readonly kind: 'not_opened'; readonly ending: SandboxEnding };

/** No such image; a request that makes no sense. All other refusals speak of the engine. */
const REFUSALS_OF_ONE_KIND = [404, 400];
const NANO = 1e9;

/** Opens the pool of a sandbox; `null` where there is none. */
export function openPool({ setup, program, containers }: OpenDeps): ContainerPool | null {
  const { engine, pool } = setup;
  if (pool === undefined || pool.containersMax === 0) return null;
  return createContainerPool(pool, {
    async start(spec, signal) {
      const name = containers.add();
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(readyMsMax(spec))]);
      try {
        return await loadHarness(name, await openJobContainer(engine, name, spec, inTime), program, inTime);
      } catch (error) {
        containers.remove(name);
        throw error;
      }
    },
    remove({ name, harness }) {
      harness.disconnect();
      containers.remove(name);
    },
    isOfOneKind: (error) => error instanceof HarnessError || isRefusal(error, ...REFUSALS_OF_ONE_KIND),
  });
}

/** With less than a whole CPU a harness takes its time. */
function readyMsMax({ HostConfig: { NanoCpus } }: CreateRequest): number {
  return READY_MS_MAX / Math.min(1, NanoCpus / NANO);
}

/**
 * Opens a container for a job: one that waits in the pool, or a new one.
 *
 * @returns never throws; whoever gets a container has to remove it
 */
export async function openContainer(
  job: SandboxJob,
  deps: OpenDeps & { readonly pool: ContainerPool | null },
  onEvent: (event: SandboxEvent) => void,
  signal: AbortSignal,
): Promise<Opened> {
  const { pool, images, containers } = deps;
  const notOpened = (ending: SandboxEnding): Opened => ({ kind: 'not_opened', ending });
  try {
    signal.throwIfAborted();
    const image = await images.find(job.imageId);
    const networkMode = job.network === 'none' ? 'none' : networkName(deps.setup);
    const specified = specify(job, image, { ...deps, networkMode });
    if (specified.kind === 'refused') return notOpened({ kind: 'limit', sentence: specified.sentence });
    const waiting = await pool?.take(specified.spec, signal);
    if (waiting) {
      onEvent({ kind: 'container', name: waiting.name, startedAhead: true });
      return { kind: 'opened', container: { ...waiting, program: null, image } };
    }
    if (job.network !== 'none') await ensureNetwork(deps.setup);
    const name = containers.add();
    onEvent({ kind: 'container', name, startedAhead: false });
    const harness = await openJobContainer(deps.setup.engine, name, specified.spec, signal).catch((error) => {
      containers.remove(name);
      throw error;
    });
    return { kind: 'opened', container: { name, harness, program: deps.program, image } };
  } catch (cause) {
    if (signal.aborted) return notOpened({ kind: 'stopped' });
    images.forget(job.imageId);
    if (!isRefusal(cause, ...REFUSALS_OF_ONE_KIND)) pool?.empty();
    const sentence = cause instanceof Error ? cause.message : 'Cannot start a container';
    return notOpened({ kind: 'failed', sentence, cause });
  }
}

function specify(
  job: SandboxJob,
  image: ImageFacts,
  { setup, info, networkMode }: Pick<OpenDeps, 'setup' | 'info'> & { readonly networkMode: string },
): ReturnType<typeof containerSpec> {
  return containerSpec({
    imageId: image.id,
    imageEnv: image.env,
    imageVolumes: image.volumes,
    knowsLocalhost: image.knowsLocalhost,
    limits: job.limits,
    networkMode,
    labels: { [INSTALLATION_LABEL]: setup.installationId, [WORKER_LABEL]: setup.workerId },
    runtime: setup.runtime,
    cgroupDriver: info.cgroupDriver,
  });
}

/** A network of this installation's own, for jobs that may reach the outside. */
function networkName({ installationId }: DockerSandboxSetup): string {
  return `orca-${installationId}`;
}

async function ensureNetwork(setup: DockerSandboxSetup): Promise<void> {
  const labels = { [INSTALLATION_LABEL]: setup.installationId };
  await ensureIsolatedBridge(setup.engine, networkName(setup), labels);
}
