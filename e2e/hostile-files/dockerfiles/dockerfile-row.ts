/** A hostile Dockerfile, and what must become of it. */
export interface DockerfileRow {
  /** That of the design's table of hostile input. */
  readonly id: string;
  readonly what: string;
  readonly dockerfile: string;
  readonly expected: Expectation;
}

/** What must happen. */
export type Expectation =
  /** 400 at its POST; what the sentence says after `dockerfile_contents: `. */
  | { readonly kind: 'refused'; readonly says: RegExp }
  /** It is built, or tried, and the client is told why that failed. */
  | { readonly kind: 'failed'; readonly says: RegExp; readonly prints?: RegExp }
  /** An image comes of it, which does no harm: a job in it may show that. */
  | {
      readonly kind: 'built';
      readonly prints?: RegExp;
      readonly job?: { readonly cmd: string; readonly sees: string | RegExp };
    };

/** Every row's first line, unless that is the attack. */
export const BASE = 'FROM orca-grader-base\n';

/** A row that is refused before anything is built. */
export function refused(id: string, what: string, dockerfile: string, says: RegExp): DockerfileRow {
  return { id, what, dockerfile, expected: { kind: 'refused', says } };
}

/** A row whose build ends with a sentence. */
export function failed(
  id: string,
  what: string,
  dockerfile: string,
  says: RegExp,
  prints?: RegExp,
): DockerfileRow {
  return {
    ...{ id, what, dockerfile },
    expected: { kind: 'failed', says, ...(prints === undefined ? {} : { prints }) },
  };
}

/** A row that may be built. */
export function built(
  id: string,
  what: string,
  dockerfile: string,
  more: Omit<Extract<Expectation, { kind: 'built' }>, 'kind'> = {},
): DockerfileRow {
  return { id, what, dockerfile, expected: { kind: 'built', ...more } };
}
