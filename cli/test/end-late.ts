// Loaded into each test file before itself. The time limit of node:test ends tests, and never the process: what a test that
// hangs has left open, a server or a timer, would keep the whole run waiting for it.
const ms = Number(new URL(import.meta.url).searchParams.get('ms'));

setTimeout(() => {
  const open = [...new Set(process.getActiveResourcesInfo())].join(', ');
  process.stderr.write(`Ended, since it still ran after ${ms / 1_000} s. Open: ${open}\n`);
  process.exit(1);
}, ms).unref();
