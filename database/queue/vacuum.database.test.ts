import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { cloneDatabase, fillLine, makeJob } from '../testing/index.ts';
import { claimJob } from './claim.ts';

const JOBS = 10_000;
/** Their rows stand in less than 2 % of the pages, where a vacuum would otherwise leave the indexes as they are. */
const CLAIMS = 50;

test('a vacuum after few claims takes them out of the indexes that the next claim reads from its head', async () => {
  await using database = await cloneDatabase();
  await fillLine(database.url, { first: 1, count: JOBS }, { job: makeJob(), placeholder: 'first' });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('vacuum analyze');
    for (let claims = 0; claims < CLAIMS; claims += 1)
      assert.ok(await claimJob(database.db, { workerId: 'w', leaseSeconds: 30 }));
    for (const table of ['orca.reservations', 'orca.jobs']) {
      let said = '';
      client.on('notice', ({ message = '' }) => {
        said += message;
      });
      await client.query(`vacuum (verbose) ${table}`);
      // The second is how PostgreSQL 13 says it.
      assert.match(said, /index scan needed|scanned index/, table);
    }
  } finally {
    await client.end();
  }
});
