import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canInstallPackages } from './install-packages.ts';

for (const [what, osRelease, uid, can] of [
  ['root on Debian', 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', 0, true],
  ['root on Ubuntu', 'ID=ubuntu\nID_LIKE=debian\n', 0, true],
  ['root on something made from Ubuntu', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 0, true],
  ['another user on Debian', 'ID=debian\n', 1000, false],
  ['root on Fedora', 'ID=fedora\n', 0, false],
  ['root on a system that does not say what it is', '', 0, false],
  ['a system without users', 'ID=debian\n', undefined, false],
] as const)
  test(`canInstallPackages() says ${can} for ${what}`, () => {
    assert.equal(canInstallPackages(osRelease, uid), can);
  });
