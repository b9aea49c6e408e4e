import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { lookAtImage } from './image-programs.ts';

/** A folder that stands for an image, on a disk that is mounted as `options` say. */
function makeImage(options: string): Disposable & {
  readonly folder: string;
  readonly isImageProgram: ReturnType<typeof lookAtImage>;
  add(name: string, content: string, mode?: number): string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'orca-image-'));
  mkdirSync(join(folder, 'bin'));
  mkdirSync(join(folder, 'local'));
  const mounts = join(folder, 'mounts');
  writeFileSync(mounts, `proc /proc proc rw 0 0\noverlay ${folder} overlay ${options},relatime 0 0\n`);
  return {
    folder,
    isImageProgram: lookAtImage({ root: folder, mounts }),
    add(name, content, mode = 0o755) {
      const path = join(folder, name);
      writeFileSync(path, content);
      chmodSync(path, mode);
      return path;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

test('isImageProgram() knows binaries and scripts with an interpreter, by path and by name', () => {
  using image = makeImage('ro');
  const { isImageProgram, folder } = image;
  const binary = image.add('bin/binary', '\x7fELF and more');
  image.add('bin/script', '#!/bin/sh\n');
  symlinkSync(binary, join(folder, 'local/link'));
  const searchPath = `${folder}/nowhere:${folder}/local:${folder}/bin`;
  assert.ok(isImageProgram(binary, ''));
  for (const name of ['binary', 'script', 'link']) assert.ok(isImageProgram(name, searchPath), name);
});

test('isImageProgram() leaves to the shell what the kernel does not start, and what is not there', () => {
  using image = makeImage('ro');
  const { isImageProgram, folder } = image;
  const searchPath = `${folder}/bin`;
  image.add('bin/plain', 'echo by a shell\n');
  image.add('bin/empty', '');
  image.add('bin/closed', '\x7fELF', 0o744);
  mkdirSync(join(folder, 'bin/folder'));
  symlinkSync(join(folder, 'bin/lost'), join(folder, 'bin/dangling'));
  for (const name of ['plain', 'empty', 'closed', 'folder', 'dangling', 'missing', ''])
    assert.equal(isImageProgram(name, searchPath), false, name);
});

test('isImageProgram() takes only the first that a search finds, and nothing relative', () => {
  using image = makeImage('ro');
  const { isImageProgram, folder } = image;
  image.add('local/program', 'echo by a shell\n');
  const second = image.add('bin/program', '\x7fELF');
  assert.equal(isImageProgram('program', `${folder}/local:${folder}/bin`), false);
  for (const searchPath of [`:${folder}/bin`, `bin:${folder}/bin`, ''])
    assert.equal(isImageProgram('program', searchPath), false, searchPath);
  assert.equal(isImageProgram('./program', `${folder}/bin`), false);
  assert.ok(isImageProgram(second, `${folder}/local`));
});

test('isImageProgram() knows nothing of other file systems, nor of an image that can be written', () => {
  using image = makeImage('ro');
  const elsewhere = mkdtempSync('/dev/shm/orca-image-');
  try {
    writeFileSync(join(elsewhere, 'program'), '\x7fELF', { mode: 0o755 });
    image.add('bin/program', '\x7fELF');
    symlinkSync(join(elsewhere, 'program'), join(image.folder, 'local/program'));
    assert.equal(image.isImageProgram(join(elsewhere, 'program'), ''), false);
    assert.equal(image.isImageProgram('program', `${elsewhere}:${image.folder}/bin`), false);
    assert.equal(image.isImageProgram('program', `${image.folder}/local:${image.folder}/bin`), false);
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
  using writable = makeImage('rw');
  assert.equal(writable.isImageProgram(writable.add('bin/program', '\x7fELF'), ''), false);
});
