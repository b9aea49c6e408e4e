import { redactText } from '@orca/daemon';

const CAUSES_MAX = 3;

/** An error with its causes as the end of a sentence, without secrets. */
export function explain(error: unknown): string {
  const messages: string[] = [];
  let one = error;
  while (one instanceof Error && messages.length < CAUSES_MAX) {
    // Of a name that has several addresses, each has failed: they say the same.
    const message = one.message || (one instanceof AggregateError ? messageOfFirst(one) : '');
    if (message !== '' && !messages.includes(message)) messages.push(message);
    one = one.cause;
  }
  return redactText(messages.join(': ') || String(error));
}

function messageOfFirst({ errors }: AggregateError): string {
  const [first] = errors;
  return first instanceof Error ? first.message : '';
}
