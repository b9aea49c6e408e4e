import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { cloneDatabase } from '../testing/index.ts';
import { listAuditTrail, noteAudit } from './audit-trail.ts';

const ANY = { actor: null, action: null, target: null };
const BY = { actor: 'loopback', keyId: null, role: 'admin', requestId: 'r', action: 'cancel' } as const;

test('noteAudit() only ever adds: the database refuses changes', async () => {
  await using database = await cloneDatabase();
  await noteAudit(database.db, { ...BY, target: 'job 1', outcome: 'done' });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    for (const statement of ['delete from', 'truncate', "update orca.audit_trail set actor = 'x' --"])
      await assert.rejects(client.query(`${statement} orca.audit_trail`), /the audit trail only grows/);
  } finally {
    await client.end();
  }
  assert.equal((await listAuditTrail(database.db, ANY, { limit: 5, offset: 0 })).length, 1);
});

test('noteAudit() is undone with its transaction, and cuts what is too long', async () => {
  await using database = await cloneDatabase();
  const undone = database.db.transaction(async (tx) => {
    await noteAudit(tx, { ...BY, target: 'job 1', outcome: 'done' });
    throw new Error('undone');
  });
  await assert.rejects(undone, /undone/);
  await noteAudit(database.db, { ...BY, target: `job ${'9'.repeat(500)}`, outcome: 'a\0b' });
  const [entry, ...others] = await listAuditTrail(database.db, ANY, { limit: 5, offset: 0 });
  assert.deepEqual([entry?.target.length, entry?.outcome, others.length], [256, 'a\ufffdb', 0]);
});
