import type { Host } from './host.ts';

/** What a machine does for an Orca: the server and the image builder, grading, or both. */
export const ROLES = ['orchestrator', 'worker', 'all'] as const;

/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number];

/** What a check says: what is true now, in a sentence without a full stop, and how to mend it. */
export type Verdict =
  | { readonly kind: 'ok'; readonly now: string }
  /** Orca works, and an operator should know. */
  | { readonly kind: 'warn'; readonly now: string; readonly mend: string }
  /** Orca does not work, or is open to anybody. */
  | { readonly kind: 'fail'; readonly now: string; readonly mend: string }
  /** It could not be looked at, or has nothing to look at. */
  | { readonly kind: 'skipped'; readonly reason: string };

/** One thing to look at. */
export interface Check {
  /** In the order of the table, and in `--json`: `engine.version`. */
  readonly name: string;
  /** The machines that it is about; one with the role `all` has both. */
  readonly roles: readonly Exclude<Role, 'all'>[];
  /** Left out: {@link CHECK_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
  /** Looks, and judges. What it throws becomes a verdict of its own: it does not end the others. */
  run(host: Host, signal: AbortSignal): Promise<Verdict>;
}

/** How long a check may take that says nothing else. */
export const CHECK_TIMEOUT_MS = 20_000;

/** All machines. */
export const EVERYWHERE = ['orchestrator', 'worker'] as const;

/** All is well. */
export function ok(now: string): Verdict {
  return { kind: 'ok', now };
}

/** It works, and could be better. */
export function warn(now: string, mend: string): Verdict {
  return { kind: 'warn', now, mend };
}

/** It does not work, or is not safe. */
export function fail(now: string, mend: string): Verdict {
  return { kind: 'fail', now, mend };
}

/** Nothing was looked at. */
export function skipped(reason: string): Verdict {
  return { kind: 'skipped', reason };
}
