import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addKey } from '../testing/add-key.ts';
import { makeJob } from '../testing/make-job.ts';
import { openBrowser } from '../testing/open-browser.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';

const SECRET = 'a-key-of-the-course';

async function openPage(api: TestApi, browser: Awaited<ReturnType<typeof openBrowser>>) {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  // On a machine that is busy with other tests, too.
  page.setDefaultTimeout(120_000);
  await page.goto(`${api.url}/docs`);
  return { page, complaints, hosts };
}

test('in a browser, /docs shows the routes, and sends a request and shows its answer', async () => {
  await using api = await startApi();
  await using browser = await openBrowser();
  const { page, complaints, hosts } = await openPage(api, browser);
  const status = page.locator('.opblock', { hasText: 'GET/api/v1/status' }).first();
  await status.click();
  await status.getByRole('button', { name: 'Execute' }).click();
  const answer = status.locator('.live-responses-table tbody .response-col_description');
  await answer.first().waitFor();
  assert.match((await answer.first().textContent()) ?? '', /"numJobs": 0/);
  assert.deepEqual(complaints, [], 'the policy of the page stops something, or a script fails');
  assert.deepEqual(
    [...hosts].filter((host) => host !== '' && host !== new URL(api.url).host),
    [],
  );
});

test('in a browser, /docs puts a job for the key that was typed in', async () => {
  await using api = await startApi({ production: true });
  await addKey(api.db, SECRET);
  await using browser = await openBrowser();
  const { page, complaints } = await openPage(api, browser);
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  await page.getByRole('textbox').first().fill(SECRET);
  await page.locator('.modal-ux').getByRole('button', { name: 'Apply credentials' }).first().click();
  await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).first().click();
  const put = page.locator('#operations-jobs-put_api_v1_grading_queue');
  await put.click();
  await put.locator('textarea').fill(JSON.stringify(makeJob()));
  await put.getByRole('button', { name: 'Execute' }).click();
  const code = put.locator('.live-responses-table tbody .response-col_status');
  await code.first().waitFor();
  assert.match((await code.first().textContent()) ?? '', /^200/);
  assert.deepEqual(complaints, []);
});
