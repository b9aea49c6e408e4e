/** Looks again for what is known for a while only, before it is out of date: so nobody who asks waits for a look. */
export interface LookAhead {
  /** Somebody has asked for what has this name. Nobody looks any more when that is long ago. */
  noteAsked(name: string): void;
  /** Somebody has looked, and what he found is known for so long. */
  noteFound(name: string, knownMs: number): void;
}

/** After the last question, as long as containers wait for the next job. */
const ASKED_MS_MAX = 300_000;
/** A look takes a while, too. */
const SHARE_OF_TIME = 0.7;

/**
 * @param look tells of a find by `noteFound`; where it fails, the next who asks looks himself
 * @param askedMsMax how long after the last question, in milliseconds
 */
export function createLookAhead(
  look: (name: string) => Promise<unknown>,
  askedMsMax: number = ASKED_MS_MAX,
): LookAhead {
  const found = new Map<string, { askedAtMs: number; timer: NodeJS.Timeout }>();
  const lookAgain = (name: string): void => {
    const askedAtMs = found.get(name)?.askedAtMs ?? Number.NEGATIVE_INFINITY;
    if (performance.now() - askedAtMs > askedMsMax) found.delete(name);
    else look(name).catch(() => undefined);
  };
  return {
    noteAsked(name) {
      const known = found.get(name);
      if (known !== undefined) known.askedAtMs = performance.now();
    },
    noteFound(name, knownMs) {
      // What is not known for a moment, or for ever, is not looked for again.
      if (knownMs === 0 || !Number.isFinite(knownMs)) return;
      const before = found.get(name);
      clearTimeout(before?.timer);
      // No process is kept alive by it.
      const timer = setTimeout(lookAgain, knownMs * SHARE_OF_TIME, name).unref();
      found.set(name, { askedAtMs: before?.askedAtMs ?? performance.now(), timer });
    },
  };
}
