import { API_ERRORS, ERROR_CHARACTERS_MAX, ERRORS_MAX } from './api-error.ts';
import { RESULT_ERRORS } from './grading-result.ts';

/** A Markdown table with its columns aligned, as the formatter would have it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/**
 * Renders the reference page of errors from their tables. A test compares it with `docs/reference/errors.md`.
 *
 * @returns the page as Markdown, ending with a newline
 */
export function renderErrorReference(): string {
  const answers = Object.entries(API_ERRORS).map(([code, { status, meaning }]) => [
    `\`${code}\``,
    String(status),
    meaning,
  ]);
  const kinds = Object.entries(RESULT_ERRORS).map(([kind, meaning]) => [`\`${kind}\``, meaning]);
  return `# Errors

Made from the tables in \`protocol/api-error.ts\` and \`protocol/grading-result.ts\`; a test compares. After a change there:

\`\`\`sh
npx node -e 'process.stdout.write(require("./protocol/render-error-reference.ts").renderErrorReference())' > docs/reference/errors.md
\`\`\`

## Answers of the API

An answer that is an error is \`{"errors": […], "code": "…", "request_id": "…"}\`: at most ${ERRORS_MAX} sentences of at most
${ERROR_CHARACTERS_MAX} characters. A sentence about a body begins with the JSON path of the field, then says what is wrong and what is
allowed. Decide by \`code\`, never by the text. Answers with status 503 carry \`Retry-After\`, and the same request may be
repeated; those with another status stay the same until the request changes.

${table(['code', 'status', 'means'], answers)}

## Errors in a result

A result's \`errors\` says what went wrong outside the commands, each entry as \`Kind: sentence\`; \`error_codes\` has the kinds
alone, in the same order.

${table(['kind', 'means'], kinds)}
`;
}
