import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Database, DatabaseError } from '@orca/database';
import { type KeptLeases, renewLeases } from './renew-leases.ts';

/** Leases of jobs 1 to 3, and a database that answers for each of them as it is told. */
function open(answer: (jobId: unknown) => Promise<boolean>) {
  const asked: unknown[] = [];
  const leases: KeptLeases = new Map(
    [1, 2, 3].map((jobId) => {
      const leaseToken = `token ${jobId}`;
      return [leaseToken, { jobId, leaseToken, renewSecondsMax: 60, renewUntilMs: Number.POSITIVE_INFINITY }];
    }),
  );
  const query = async (_statement: unknown, [jobId]: readonly unknown[] = []): Promise<never[]> => {
    asked.push(jobId);
    return Array.from({ length: (await answer(jobId)) ? 1 : 0 }) as never[];
  };
  const db = { query } as unknown as Database;
  const lost: string[] = [];
  return {
    leases,
    asked,
    lost,
    deps: { db, leaseSeconds: 30, onLost: (token: string) => void lost.push(token) },
  };
}

test('renewLeases() renews the others though the row of one is locked, and says so', async () => {
  const locked = new DatabaseError('database_unreachable', 'locked', { sqlState: '55P03' });
  const { leases, asked, lost, deps } = open(async (jobId) => {
    if (jobId === 1) throw locked;
    return jobId === 2;
  });
  await assert.rejects(renewLeases(leases, deps), locked);
  assert.deepEqual(asked, [1, 2, 3]);
  assert.deepEqual(lost, ['token 3']);
  assert.deepEqual([...leases.keys()], ['token 1', 'token 2']);
});

test('renewLeases() asks a database that is away once', async () => {
  const away = new DatabaseError('database_unreachable', 'away');
  const { leases, asked, deps } = open(() => Promise.reject(away));
  await assert.rejects(renewLeases(leases, deps), away);
  assert.deepEqual([asked, leases.size], [[1], 3]);
});
