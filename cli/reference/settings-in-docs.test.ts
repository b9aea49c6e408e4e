import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from '../repository.ts';

test('no setting in the guides and examples has a comment behind it: systemd would take that as part of the value', () => {
  const pages = globSync(['*.md', 'docs/**/*.md', 'deploy/**/*'], {
    cwd: REPOSITORY.root,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  assert.ok(pages.length > 10);
  const commented = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/^(?:Environment=)?"?[A-Z][A-Z0-9_]*=.*[ \t]#.*$/gm)].map(
      ([line]) => `${page}: ${line}`,
    ),
  );
  assert.deepEqual(commented, []);
});
