import { writeFile } from 'node:fs/promises';
import { DOCUMENT_FILE, renderDocument } from './render-document.ts';

// `npm run docs:api`, after a change of any route or of a schema that one uses.
await writeFile(DOCUMENT_FILE, await renderDocument());
