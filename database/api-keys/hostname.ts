import { clientOf, HOSTNAME_CHARACTERS_MAX } from '@orca/protocol';

/** A hostname as keys and clients have it, or why a text is none: the end of a sentence that begins "it". */
export type ParsedHostname = { kind: 'ok'; hostname: string } | { kind: 'invalid'; reason: string };

/**
 * Reads a hostname that a person wrote.
 *
 * @returns it just as `clientOf` gives that of a URL: lower case, no port; `münchen.example` as `xn--…`, an IPv6 address
 *   in brackets
 */
export function parseHostname(text: string): ParsedHostname {
  const reason = refuse(text);
  if (reason !== null) return { kind: 'invalid', reason };
  const url = `http://${text}/`;
  if (!URL.canParse(url)) return { kind: 'invalid', reason: 'is no hostname like course.example.edu' };
  const hostname = clientOf(url);
  return hostname.length > HOSTNAME_CHARACTERS_MAX
    ? { kind: 'invalid', reason: `is longer than ${HOSTNAME_CHARACTERS_MAX} characters` }
    : { kind: 'ok', hostname };
}

function refuse(text: string): string | null {
  if (text === '') return 'is empty';
  if (text.includes('://')) return 'has a scheme: give the hostname alone, like course.example.edu';
  if (/[/?#\\]/.test(text)) return 'has a path: give the hostname alone, like course.example.edu';
  if (text.includes('@')) return 'has a user in front of the hostname: give the hostname alone';
  if (/[\s\p{Cc}]/u.test(text)) return 'has blanks or control characters in it';
  if (text.includes('*')) return 'has a "*" in it: a key names each of its hostnames in full';
  if (/^[^[\]]*:[^[\]]*:/.test(text)) return 'looks like an IPv6 address: put it into brackets, like [::1]';
  if (/:\d*$/.test(text) && !text.endsWith(']')) return 'has a port: a key is for all ports of its hostnames';
  if (text.endsWith('.')) return 'ends in a dot';
  return null;
}
