import assert from 'node:assert/strict';
import { connectDatabase, listViolations, nextDeliveryMs } from '@orca/database';
import { waitFor } from './wait-for.ts';

const QUIET_MS = 120_000;

/** Waits until nothing is owed any more, and then asks of the queue all that must always hold. */
export async function assertSound(databaseUrl: string): Promise<void> {
  await using db = await connectDatabase({ url: databaseUrl, applicationName: 'orca-e2e' });
  await waitFor('the system to be quiet', async () => (await nextDeliveryMs(db)) === null, QUIET_MS);
  assert.deepEqual(await listViolations(db), []);
}
