import { runDaemon } from '@orca/daemon';
import { endWithOutput } from '@orca/daemon/end-with-output';

const USAGE = `Usage: node orchestrator/main.ts <command> [--help]

  server          the API, and the delivery of results to clients
  image-builder   makes grader images of the Dockerfiles that clients post
  start           both, each as a process that is started again when it dies
  migrate         brings the schema of the database up to date
  keys            API keys and signing secrets: create, list, revoke, import, secrets
`;

/**
 * Runs one command of the orchestrator; an unknown one ends with status 2. What a command needs is imported when it is
 * called, and what a daemon needs when it starts: `keys`, and `--help` of any of them, load no server.
 */
async function main([command, ...args]: readonly string[]): Promise<void> {
  switch (command) {
    case 'server': {
      const { serverSettings: settings } = await import('./server-settings.ts');
      return runDaemon({
        name: 'orca-server',
        summary: 'takes grading jobs over HTTP and delivers their results',
        settings,
        load: () => import('./start-server.ts'),
        start: async (context) => (await import('./start-server.ts')).startServer(context),
      });
    }
    case 'image-builder': {
      const { imageBuilderSettings: settings } = await import('./image-builder/image-builder-settings.ts');
      return runDaemon({
        name: 'orca-image-builder',
        summary: 'makes grader images of the Dockerfiles that clients post',
        settings,
        load: () => import('./image-builder/start-image-builder.ts'),
        start: async (context) =>
          (await import('./image-builder/start-image-builder.ts')).startImageBuilder(context),
      });
    }
    case 'start': {
      const { orchestratorSettings: settings, startOrchestrator } = await import('./start-orchestrator.ts');
      return runDaemon({
        name: 'orca-orchestrator',
        summary: 'runs the server and the image builder',
        settings,
        hasNoMetrics: true,
        start: startOrchestrator,
      });
    }
    case 'migrate':
      endWithOutput();
      process.exitCode = await (await import('./migrate-command.ts')).runMigrate(args);
      return;
    case 'keys':
      endWithOutput();
      process.exitCode = await (await import('./keys/keys-command.ts')).runKeys(args);
      return;
    case '--help':
    case '-h':
      endWithOutput();
      process.stdout.write(USAGE);
      return;
    default:
      process.stderr.write(USAGE);
      process.exitCode = 2;
  }
}

await main(process.argv.slice(2));
