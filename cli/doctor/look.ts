import { skipped, type Verdict } from './check.ts';

/** Something that several checks look at: what was seen, or why nothing was. */
export type Look<T> =
  | { readonly kind: 'seen'; readonly value: T }
  /** `error`: for the one check that tells of it; the others are skipped for the reason. */
  | { readonly kind: 'unseen'; readonly reason: string; readonly error: unknown };

/** Looks once, however many checks ask. */
export function lookOnce<T>(see: () => Promise<T>, reason: string): () => Promise<Look<T>> {
  let looked: Promise<Look<T>> | null = null;
  const look = (): Promise<Look<T>> =>
    see().then(
      (value) => ({ kind: 'seen', value }),
      (error: unknown) => ({ kind: 'unseen', reason, error }),
    );
  return () => (looked ??= look());
}

/** Judges what was seen; a check whose ground is missing is skipped. */
export async function judgeSeen<T>(
  looked: Promise<Look<T>>,
  judge: (value: T) => Verdict | Promise<Verdict>,
): Promise<Verdict> {
  const look = await looked;
  return look.kind === 'seen' ? await judge(look.value) : skipped(look.reason);
}
