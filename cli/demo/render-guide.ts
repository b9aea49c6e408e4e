import { queueUrl, statusUrl } from './orca-api.ts';

/** Quotes a text for a POSIX shell, where it needs it. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** How to talk to a running Orca by hand, in lines that can be copied. */
export function renderGuide(where: {
  readonly orcaUrl: string;
  readonly jobPath: string;
  readonly responseUrl: string;
}): string {
  const { orcaUrl, jobPath, responseUrl } = where;
  return `
Orca is at ${orcaUrl} and stays up until Ctrl-C. From another terminal:

  Send a job; it is in the file, to be changed as you like:
    curl -X PUT ${queueUrl(orcaUrl)} -H 'content-type: application/json' --data-binary ${shellQuote(`@${jobPath}`)}

  Ask where it is, with the id that was answered:
    curl ${statusUrl(orcaUrl, 1)}

  See the result that came last (this demo is the client: it serves the files and takes the results):
    curl ${responseUrl}
`;
}
