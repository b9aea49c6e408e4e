/**
 * PostgreSQL's settings for an embedded server: loopback only, no socket file, sized for one machine that also grades.
 *
 * @param options.durable false also leaves out everything that makes a crash survivable
 * @returns settings as `name=value`
 */
export function serverSettings(options: { port: number; durable: boolean }): string[] {
  return [
    'listen_addresses=127.0.0.1',
    `port=${options.port}`,
    'unix_socket_directories=',
    'max_connections=100',
    'shared_buffers=64MB',
    'work_mem=8MB',
    'max_wal_size=512MB',
    'jit=off', // our statements are short: compiling them costs more than running them
    'max_wal_senders=0',
    'wal_level=minimal',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_min_messages=warning',
    'log_checkpoints=off',
    'password_encryption=scram-sha-256',
    ...(options.durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
}
