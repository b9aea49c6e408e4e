/** A submission, as people name it. */
interface Named {
  readonly example: string;
  readonly submission: string;
}

/**
 * Says how to call submissions: by their own names, and with their example where there are several, which all have a
 * perfect one.
 */
export function titleSubmissions(all: readonly Named[]): (one: Named) => string {
  const isMixed = new Set(all.map(({ example }) => example)).size > 1;
  return ({ example, submission }) => (isMixed ? `${example}/${submission}` : submission);
}
