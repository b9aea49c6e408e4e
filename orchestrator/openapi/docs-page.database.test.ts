import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startApi } from '../testing/start-api.ts';

test('/docs is a page whose scripts and styles all come from this server, and whose policy allows no others', async () => {
  await using api = await startApi({ production: true });
  const page = await fetch(`${api.url}/docs`);
  const html = await page.text();
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.doesNotMatch(html, /https?:/);
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => String(path));
  assert.ok(files.length > 4);
  for (const path of files) {
    const file = await fetch(new URL(path, page.url));
    assert.equal(file.status, 200, path);
    await file.arrayBuffer();
  }
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
});

test('the policy of /docs is that of no other route, and nothing beside the page lies under it', async () => {
  await using api = await startApi();
  for (const path of ['/api/v1/openapi.json', '/api/v1/status', '/docsx'])
    assert.match(
      (await api.request(path)).headers.get('content-security-policy') ?? '',
      /^default-src 'none'; frame/,
    );
  for (const path of ['..%2fpackage.json', '%2e%2e/index.js', 'no-such-file.js']) {
    const answer = await fetch(`${api.url}/docs/static/${path}`);
    assert.ok(answer.status === 404 || answer.status === 403, `${path} → ${answer.status}`);
    assert.doesNotMatch(await answer.text(), /node_modules|fastify/);
  }
});

test('the page and /api/v1/openapi.json show the same document', async () => {
  await using api = await startApi();
  const document = await api.request('/api/v1/openapi.json');
  assert.equal(Object(document.body).openapi, '3.1.0');
  assert.deepEqual((await api.request('/docs/json')).body, document.body);
});
