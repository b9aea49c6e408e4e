/** Writes database/schema.sql anew, after a migration was added. */
import { writeFile } from 'node:fs/promises';
import { dumpSchema } from './dump-schema.ts';
import { cloneDatabase } from './testing/index.ts';

await using database = await cloneDatabase();
await writeFile(new URL('schema.sql', import.meta.url), await dumpSchema(database.db));
