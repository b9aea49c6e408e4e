/** The note that stands where the middle of an output is missing. */
const NOTE = /\n\[Orca: (\d+) bytes were dropped here\] /;

/**
 * Makes sure that an output went through Orca, which keeps its beginning and its end: a command that failed prints nothing,
 * and nothing takes no memory.
 *
 * @param output as a result has it
 * @param printedBytes how much the command was to print, more than is kept
 * @throws {Error} when what is kept, and what the note says was dropped, are not that together
 */
export function checkOutput(output: string, printedBytes: number): void {
  const [note = '', dropped] = NOTE.exec(output) ?? [];
  const keptBytes = Buffer.byteLength(output) - Buffer.byteLength(note);
  if (dropped !== undefined && keptBytes + Number(dropped) === printedBytes) return;
  const found = `${keptBytes} are in its result, which says that ${dropped ?? 'none'} were dropped`;
  throw new Error(`Cannot measure: a command was to print ${printedBytes} bytes, but ${found}`);
}
