import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startOwnEngine, unpackCrun } from '@orca/docker/testing';
import { proveGrading } from './prove-grading.ts';

const GRADER_UID = 1_000;
const EXECUTABLE = 0o755;

test('the runtime crun grades as the default one does', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'orca-crun-'));
  t.after(() => rm(folder, { recursive: true }));
  const crun = await unpackCrun(folder);
  if (crun.kind === 'none') {
    t.skip(
      `NOT PROVED: there is no crun on this machine, and Debian's could not be unpacked: ${crun.reason}`,
    );
    return;
  }
  const callsFile = join(folder, 'calls');
  const noting = join(folder, 'noting-crun');
  const source = `#!/bin/sh\necho "$*" >> '${callsFile}'\nexec '${crun.program}' "$@"\n`;
  await writeFile(noting, source, { mode: EXECUTABLE });
  await using engine = await startOwnEngine({ crun: noting });
  const { uidInside, uidOfMachine } = await proveGrading({
    DOCKER_HOST: engine.host,
    ORCA_CONTAINER_RUNTIME: 'crun',
  });
  const calls = (await readFile(callsFile, 'utf8')).split('\n');
  const made = calls.filter((call) => /\bcreate\b/.test(call)).length;
  t.diagnostic(`${crun.version} made ${made} containers`);
  // The example, the attacks and the look at who one is; the builder's trial of the image makes another.
  assert.ok(made >= 6, calls.join('\n'));
  assert.deepEqual([uidInside, uidOfMachine], [GRADER_UID, GRADER_UID]);
});
