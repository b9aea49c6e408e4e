/** That of a program which SIGPIPE has ended, as shells count: 128 and the signal's number. */
const BROKEN_PIPE_STATUS = 141;

/** Nobody reads it any more: the reader of a pipe has gone, or the terminal. */
const READER_GONE: readonly (string | undefined)[] = ['EPIPE', 'EIO'];

/**
 * Ends this process when what it prints cannot be written: in silence when nobody reads it any more (`orca queue list | head`),
 * otherwise with a sentence and status 1.
 *
 * Who listens for SIGTERM has something to bring to an end, and is told to; everybody else ends at once, with status 141.
 */
export function endWithOutput(): void {
  let isEnding = false;
  const end = (error: NodeJS.ErrnoException): void => {
    if (isEnding) return;
    isEnding = true;
    if (!READER_GONE.includes(error.code)) {
      process.stderr.write(`Cannot write the output: ${error.message}\n`);
      process.exit(1);
    }
    process.exitCode = BROKEN_PIPE_STATUS;
    if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
    else process.exit();
  };
  for (const stream of [process.stdout, process.stderr]) stream.on('error', end);
}
