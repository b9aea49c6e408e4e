import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateRequest } from '@orca/docker';
import { DEFAULT_LIMITS, type JobLimits } from '@orca/protocol';
import { containerSpec } from '../../container-spec.ts';
import {
  type ContainerPool,
  createContainerPool,
  type PoolLimits,
  type PoolTimes,
} from '../container-pool.ts';
import type { WaitingContainer } from '../waiting-container.ts';

/** No kind is idle or yields while a test looks on, unless it says so. */
const TIMES: PoolTimes = { refillAfterMs: 1, hurryMs: 60_000, yieldAfterMs: 60_000, idleMs: 600_000 };
const WAIT_MS_MAX = 10_000;

/** What a job's container of an image is made from. */
export function specOf(
  imageId: string,
  limits: Partial<JobLimits> = {},
  networkMode = 'none',
): CreateRequest {
  const ofImage = { imageId, imageEnv: [], imageVolumes: [], knowsLocalhost: true };
  const purpose = { ...ofImage, limits: { ...DEFAULT_LIMITS, ...limits }, networkMode };
  const specified = containerSpec({ ...purpose, labels: {}, cgroupDriver: 'cgroupfs' });
  if (specified.kind === 'refused') throw new Error(specified.sentence);
  return specified.spec;
}

/** One that may die while it waits. */
export interface TestContainer extends WaitingContainer {
  readonly spec: CreateRequest;
  die(): void;
}

/** An engine that starts containers when the test lets it, and remembers what it was told. */
export class TestEngine {
  readonly started: TestContainer[] = [];
  readonly removed: string[] = [];
  under = 0;
  most = 0;
  problem: Error | null = null;
  #gate: Promise<void> = Promise.resolve();
  #open = (): void => {};

  close(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gate = promise;
    this.#open = resolve;
  }

  open(): void {
    this.#open();
  }

  async start(spec: CreateRequest): Promise<WaitingContainer> {
    this.under += 1;
    this.most = Math.max(this.most, this.under);
    await this.#gate;
    this.under -= 1;
    if (this.problem !== null) throw this.problem;
    const death = Promise.withResolvers<void>();
    const harness = {} as WaitingContainer['harness'];
    const name = `container ${this.started.length}`;
    const container = { spec, name, harness, spoiled: death.promise, die: death.resolve };
    this.started.push(container);
    return container;
  }
}

/** A pool of that engine's containers, that refills at once. */
export function openPool(
  engine: TestEngine,
  limits: Partial<PoolLimits> = {},
  times: Partial<PoolTimes> = {},
): ContainerPool {
  return createContainerPool(
    { containersMax: 8, sameMax: 2, ...limits },
    {
      start: (spec) => engine.start(spec),
      remove: ({ name }) => void engine.removed.push(name),
      isOfOneKind: (error) => error instanceof RangeError,
    },
    { ...TIMES, ...times },
  );
}

/** Waits until something holds. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + WAIT_MS_MAX;
  while (!holds()) {
    assert.ok(performance.now() < giveUpAt, what);
    await sleep(1);
  }
}
