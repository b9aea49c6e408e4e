import { once } from 'node:events';
import { createServer } from 'node:net';
import { UserError } from '../user-error.ts';

/**
 * Sees that a port of loopback is free, so that the answer is a sentence and not a log line of the server.
 *
 * @param port 0: any will do
 * @throws {UserError} when it is not free, or not for this user
 */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    if (code === 'EADDRINUSE')
      throw new UserError(
        `Cannot listen on port ${port}: another program has it. Stop that, or name another with --port`,
      );
    throw new UserError(`Cannot listen on port ${port}: ${code}. Name another with --port`, { cause: error });
  }
  server.close();
  await once(server, 'close');
}
