import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyHome } from './copy-home.ts';

test('copyHome() copies files, folders and links, and makes all of it writable', () => {
  const outer = mkdtempSync(join(tmpdir(), 'orca-home-test-'));
  try {
    const [template, home] = [join(outer, 'template'), join(outer, 'home')];
    mkdirSync(join(template, '.m2/repository'), { recursive: true });
    writeFileSync(join(template, '.m2/settings.xml'), '<settings/>');
    chmodSync(join(template, '.m2/settings.xml'), 0o444);
    writeFileSync(join(template, 'run'), '#!/bin/sh');
    chmodSync(join(template, 'run'), 0o555);
    symlinkSync('/nowhere', join(template, 'link'));
    writeFileSync(join(template, '.pgpass'), 'secret', { mode: 0o600 });
    utimesSync(join(template, '.pgpass'), 1_000, 1_000);
    mkdirSync(join(template, '.ssh'), { mode: 0o700 });
    mkdirSync(home);
    copyHome(template, home);
    assert.equal(readFileSync(join(home, '.m2/settings.xml'), 'utf8'), '<settings/>');
    assert.equal(statSync(join(home, '.m2/settings.xml')).mode & 0o777, 0o644);
    assert.equal(statSync(join(home, '.pgpass')).mode & 0o777, 0o600);
    assert.equal(statSync(join(home, '.pgpass')).mtimeMs, 1_000_000);
    assert.equal(statSync(join(home, '.ssh')).mode & 0o777, 0o700);
    assert.equal(statSync(join(home, 'run')).mode & 0o777, 0o755);
    assert.equal(readlinkSync(join(home, 'link')), '/nowhere');
    assert.ok(statSync(join(home, '.m2/repository')).isDirectory());
  } finally {
    rmSync(outer, { recursive: true });
  }
});

test('copyHome() takes a missing home for an empty one', () => {
  const home = mkdtempSync(join(tmpdir(), 'orca-home-test-'));
  copyHome(join(home, 'no-such-folder'), home);
  rmSync(home, { recursive: true });
});
