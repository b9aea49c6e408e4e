import { type Health, type Logger, sleep } from '@orca/daemon';

/** Something that a builder needs for every build, that can fail and come back. */
export interface BuilderNeed {
  /** `engine`; for logs and health. */
  readonly name: string;
  /**
   * Looks at it.
   *
   * @returns `null` when nothing is wrong
   */
  check(signal: AbortSignal): Promise<Trouble | null>;
}

/** What is wrong with a need. */
export interface Trouble {
  /** A sentence for anybody. */
  readonly trouble: string;
  /** For who runs the machine: what to do. */
  readonly detail?: string;
  readonly err?: unknown;
}

/** Whether a builder can work. */
export interface Ability {
  /** Whether nothing failed when it was last looked at, for metrics: while something does, that is every two seconds. */
  readonly isAble: boolean;
  /** Waits until nothing that it needs fails, or the signal aborts. */
  untilAble(signal: AbortSignal): Promise<void>;
  /** Each need by its name, looked at now. */
  look(): Promise<Health>;
}

const LOOK_MS = 2_000;

/** Watches what a builder needs: one that lacks something claims nothing, and no build pays for it. */
export function createAbility(
  needs: readonly BuilderNeed[],
  { log, lookMs = LOOK_MS }: { readonly log: Logger; readonly lookMs?: number },
): Ability {
  /** What the log has been told of. */
  const told = new Map<string, string>();
  const isWell = async (need: BuilderNeed, signal: AbortSignal): Promise<boolean> => {
    const found = await need.check(signal);
    if (signal.aborted) return false;
    if (found === null) {
      if (told.delete(need.name)) log.info({ need: need.name }, 'works again: images are built');
      return true;
    }
    const { trouble, detail, err } = found;
    if (told.get(need.name) !== trouble)
      log.error({ need: need.name, trouble, detail, err }, 'no image is built until this is mended');
    told.set(need.name, trouble);
    return false;
  };
  return {
    get isAble() {
      return told.size === 0;
    },
    async untilAble(signal) {
      while (!signal.aborted) {
        const states = await Promise.all(needs.map((need) => isWell(need, signal)));
        if (states.every((well) => well)) return;
        await sleep(lookMs, signal);
      }
    },
    async look() {
      const signal = AbortSignal.timeout(lookMs);
      const looked = needs.map(
        async (need) => [need.name, (await need.check(signal))?.trouble ?? null] as const,
      );
      return Object.fromEntries(await Promise.all(looked));
    },
  };
}
