import { type Engine, engineInfo } from '@orca/docker';
import { HARNESS_REST_MS } from '@orca/protocol/sandbox-plan';
import { bundleHarness } from './bundle-harness.ts';
import type { ContainerPool, PoolLimits } from './container-pool.ts';
import { type Conversed, converse } from './converse.ts';
import { rememberImages } from './image-facts.ts';
import { type OpenDeps, openContainer, openPool } from './open-container.ts';
import { keepContainers } from './own-containers.ts';
import { CONTAINER_PLACE, planJob } from './plan-job.ts';
import { removeOrphans } from './remove-orphans.ts';
import { nothingSaid, reportOf } from './report-of.ts';
import type { Sandbox, SandboxEvent, SandboxJob, SandboxReport } from './sandbox.ts';

/** What a sandbox of containers is made of. */
export interface DockerSandboxSetup {
  readonly engine: Engine;
  readonly installationId: string;
  readonly workerId: string;
  /** Another OCI runtime than the engine's default. */
  readonly runtime?: string;
  /** How many containers may be started ahead of their jobs; none when left out. */
  readonly pool?: PoolLimits;
  /** Told of a container that could not be removed: it is an orphan then, for a later sweep. */
  readonly onLeftover?: (name: string, error: unknown) => void;
}

/**
 * Runs jobs in containers of an engine: one fresh container each, which may have been started ahead. It is removed
 * afterwards in the background, so that nobody waits for it. Disposing of the sandbox waits for the removals.
 *
 * @throws {EngineError} when the engine does not say what it is
 * @see docs/security.md
 */
export async function createDockerSandbox(setup: DockerSandboxSetup): Promise<Sandbox> {
  const { engine, installationId } = setup;
  const [program, info] = await Promise.all([bundleHarness(), engineInfo(engine)]);
  const containers = keepContainers(engine, setup.onLeftover);
  const deps: OpenDeps = { setup, program, info, images: rememberImages(engine), containers };
  const pool = openPool(deps);
  return {
    run: (job, onEvent, signal) => run(job, { ...deps, pool }, onEvent, signal),
    rest: () => pool?.empty(),
    removeOrphans: (isAlive) =>
      removeOrphans(engine, installationId, (known) => containers.isInUse(known.name) || isAlive(known)),
    async [Symbol.asyncDispose]() {
      await pool?.close();
      await containers.untilRemoved();
    },
  };
}

/** A removal keeps two processors busy for a while: by then the result is on its way. Less than a harness waits for it. */
const REMOVE_AFTER_MS = HARNESS_REST_MS / 2;

interface RunDeps extends OpenDeps {
  readonly pool: ContainerPool | null;
}

async function run(
  job: SandboxJob,
  deps: RunDeps,
  onEvent: (event: SandboxEvent) => void,
  signal: AbortSignal,
): Promise<SandboxReport> {
  const startedAt = performance.now();
  const first = await runOnce(job, deps, onEvent, signal);
  // A container that was lost while it waited, and nobody noticed, must not cost the job an attempt.
  const { conversed } = first.isLost ? await runOnce(job, { ...deps, pool: null }, onEvent, signal) : first;
  return reportOf(conversed, CONTAINER_PLACE.folders, startedAt);
}

/** Runs a job in one container. `isLost`: one that had waited, and has never taken its plan. */
async function runOnce(
  job: SandboxJob,
  deps: RunDeps,
  onEvent: (event: SandboxEvent) => void,
  signal: AbortSignal,
): Promise<{ conversed: Conversed; isLost: boolean }> {
  const opened = await openContainer(job, deps, onEvent, signal);
  if (opened.kind === 'not_opened') return { conversed: nothingSaid(opened.ending), isLost: false };
  const { name, harness, program, image } = opened.container;
  let removeAfterMs = 0;
  try {
    const conversation = { program, plan: planJob(job, image.env), files: job.files, limits: job.limits };
    const conversed = await converse(harness, conversation, onEvent, signal);
    if (conversed.hasLastWord) removeAfterMs = REMOVE_AFTER_MS;
    const isLost = program === null && !conversed.hasPlan && conversed.ending.kind === 'failed';
    return { conversed, isLost };
  } finally {
    deps.containers.remove(name, removeAfterMs);
  }
}
