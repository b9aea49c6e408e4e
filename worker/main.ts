import { runDaemon } from '@orca/daemon';
import { workerSettings } from './settings.ts';

// Imported when it starts: --help loads no worker.
const load = () => Promise.all([import('./start-worker.ts'), import('./lease-thread.ts')]);

await runDaemon({
  name: 'orca-worker',
  summary: 'claims grading jobs and grades them in containers of this machine',
  settings: workerSettings,
  flags: { '--no-container': { ORCA_SANDBOX: 'process' } },
  load,
  start: async (context) => {
    const [{ startWorker }] = await load();
    return startWorker(context);
  },
});
