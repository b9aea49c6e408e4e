import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { makeJob } from './kit/make-job.ts';
import { metricsAddressOf, metricsIn, scrape, startMeasuredOrca } from './kit/scrape-metrics.ts';
import { waitFor } from './kit/wait-for.ts';
import { METRICS_PAGE, renderMetricsPage, withoutLayout } from './structure/metrics-reference.ts';

const deployed = (name: string): Promise<string> =>
  readFile(fileURLToPath(new URL(`../deploy/${name}`, import.meta.url)), 'utf8');

/** What Prometheus adds to the name of a histogram. */
const SERIES = /_(bucket|sum|count)$/;
/** Of Prometheus itself, and of every process of Node. */
const OTHERS = ['up', 'process_start_time_seconds', 'process_resident_memory_bytes'];

test('every process tells what it counted and measured, whether it can work, and the page of metrics is right', async () => {
  await using measured = await startMeasuredOrca();
  const { orca, processes } = measured;
  await orca.put(makeJob(orca.client, 'measured'));
  await orca.client.waitForResult('measured');

  const worker = await scrape(processes.worker);
  assert.match(worker, /^orca_runs_total\{end="graded"\} 1$/m);
  assert.match(worker, /^orca_job_phase_seconds_count\{phase="commands"\} 1$/m);
  await waitFor('the delivery to be counted', async () =>
    /^orca_delivery_attempts_total\{kind="result",outcome="delivered"\} 1$/m.test(
      await scrape(processes.server),
    ),
  );
  const server = await scrape(processes.server);
  assert.match(
    server,
    /^orca_http_request_seconds_count\{method="PUT",route="\/api\/v1\/grading_queue",status="200"\} 1$/m,
  );
  assert.match(server, /^orca_jobs\{state="released"\} 0$/m);
  assert.match(server, /^orca_slots 1$/m);

  for (const process of Object.values(processes)) {
    const ready = await fetch(`${metricsAddressOf(process)}/readyz`);
    assert.equal(ready.status, 200, await ready.text());
  }
  assert.equal((await fetch(`${orca.url}/readyz`)).status, 200, 'on the port of the API, too');

  const page = await readFile(METRICS_PAGE, 'utf8');
  assert.equal(
    withoutLayout(page),
    withoutLayout(await renderMetricsPage(measured)),
    'run "npm run docs:metrics"',
  );

  const known = new Set(OTHERS);
  for (const process of Object.values(processes))
    for (const { name } of metricsIn(await scrape(process))) known.add(name);
  const used = new Set<string>();
  for (const file of ['prometheus/alerts.yml', 'grafana/orca-dashboard.json'])
    for (const [name] of (await deployed(file)).matchAll(/\b(orca_[a-z_]+|process_[a-z_]+)\b(?=[{[) ])/g))
      used.add(known.has(name) ? name : name.replace(SERIES, ''));
  assert.ok(used.size > 10, 'nothing was read');
  assert.deepEqual(
    [...used].filter((name) => !known.has(name)),
    [],
    'no process serves these',
  );
});
