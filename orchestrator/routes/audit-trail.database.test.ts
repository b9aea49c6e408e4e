import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noteAudit } from '@orca/database';
import { AuditTrailSchema } from '@orca/protocol';
import { Value } from 'typebox/value';
import { addKey } from '../testing/add-key.ts';
import { imageRequest } from '../testing/make-image.ts';
import { runKeys } from '../testing/run-keys.ts';
import { startApi, type TestApi } from '../testing/start-api.ts';

async function show(api: TestApi, query = '', key?: string) {
  const headers: Record<string, string> = key === undefined ? {} : { 'x-api-key': key };
  const { status, body } = await api.request(`/api/v1/audit_trail${query}`, { headers });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual([...Value.Errors(AuditTrailSchema, body)], []);
  return Object(body);
}

test('GET /audit_trail tells who built images and who made and ended keys, without any secret', async () => {
  await using api = await startApi();
  const { dockerfile_contents, dockerfile_sha_sum: sha } = imageRequest('FROM orca-grader-base\n# audited\n');
  await api.postImage({ dockerfile_contents }, {}, '/builds');
  const created = await runKeys(api.databaseUrl, 'create', '--host', 'course.example.edu', '--json');
  await runKeys(api.databaseUrl, 'revoke', '1');
  await runKeys(api.databaseUrl, 'revoke', '1');
  await runKeys(api.databaseUrl, 'secrets', 'rotate', 'course.example.edu');
  await addKey(api.db, 'admin', 'admin', []);
  const { entries } = await show(api, '', 'admin');
  const told = entries.map((one: Record<string, unknown>) => [one.actor, one.role, one.action, one.target]);
  assert.deepEqual(told, [
    ['command line', 'operator', 'rotate_secret', 'client course.example.edu'],
    ['command line', 'operator', 'revoke_key', 'key 1'],
    ['command line', 'operator', 'create_key', 'key 1'],
    ['loopback', 'admin', 'build_image', `image ${sha}`],
  ]);
  assert.equal(told.filter(([, , action]: string[]) => action === 'revoke_key').length, 1, 'once is once');
  assert.match(entries.at(-1).request_id, /^[0-9a-f-]{36}$/);
  assert.ok(!JSON.stringify(entries).includes(JSON.parse(created.stdout).key), 'no key is in the trail');
});

test('GET /audit_trail has pages and filters', async () => {
  await using api = await startApi();
  const by = { actor: 'key 3', keyId: 3, role: 'staff', requestId: 'r', outcome: 'done' } as const;
  for (const target of ['job 1', 'job 2']) await noteAudit(api.db, { ...by, action: 'cancel', target });
  await noteAudit(api.db, { ...by, actor: 'key 4', action: 'move', target: 'job 2' });
  const targets = async (query: string) =>
    (await show(api, query)).entries.map((one: { target: string; action: string }) => [
      one.action,
      one.target,
    ]);
  assert.deepEqual(await targets('?target=job%202'), [
    ['move', 'job 2'],
    ['cancel', 'job 2'],
  ]);
  assert.deepEqual(await targets('?actor=key%203&target=job%202'), [['cancel', 'job 2']]);
  assert.deepEqual(await targets('?action=move'), [['move', 'job 2']]);
  const page = await show(api, '?limit=1&offset=1');
  assert.deepEqual([page.entries.length, page.prev.offset, page.next.offset], [1, 0, 2]);
  for (const query of ['?limit=0', '?what=1', '?actor=%00'])
    assert.equal((await api.request(`/api/v1/audit_trail${query}`)).status, 400, query);
});
