import { runDaemon } from '@orca/daemon';
import { runMigrate } from './migrate-command.ts';
import { serverSettings } from './server-settings.ts';
import { startServer } from './start-server.ts';

const USAGE = `Usage: node orchestrator/main.ts <command> [--help]

  server    the API, and the delivery of results to clients
  migrate   brings the schema of the database up to date
`;

/** Runs one command of the orchestrator; an unknown one ends with status 2. */
async function main([command, ...args]: readonly string[]): Promise<void> {
  switch (command) {
    case 'server':
      return runDaemon({
        name: 'orca-server',
        summary: 'takes grading jobs over HTTP and delivers their results',
        settings: serverSettings,
        start: startServer,
      });
    case 'migrate':
      process.exitCode = await runMigrate(args);
      return;
    case '--help':
    case '-h':
      process.stdout.write(USAGE);
      return;
    default:
      process.stderr.write(USAGE);
      process.exitCode = 2;
  }
}

await main(process.argv.slice(2));
