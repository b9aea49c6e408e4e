import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createApiKey, returnBuild } from '@orca/database';
import { makeReadyImage } from '@orca/database/testing';
import { end, print, runImages, startOrca, takeBuild, writeDockerfile } from './testing/start-orca.ts';

const DOCKERFILE = 'FROM orca-grader-base\nRUN make things\n';
const SHA = createHash('sha256').update(DOCKERFILE).digest('hex');

test('orca images build shows a build as it goes on, and ends with 0, its duration and its size', async () => {
  await using orca = await startOrca();
  const path = await writeDockerfile(orca, DOCKERFILE);
  const command = runImages(['build', path], { ORCA_SERVER: `${orca.url}/` });
  await command.until(/number 1 in the queue/);
  const build = await takeBuild(orca.db);
  await print(orca.db, build, { step: 'Step 1/2', output: 'half a line, \u001b[31mred' });
  await command.until(/Build 1, by a test\nStep 1\/2\nhalf a line, red/);
  await print(
    orca.db,
    build,
    { step: 'Step 1/2', output: ' and its end\n' },
    { step: 'Step 2/2', output: '\u001b]0;title\u0007a\u0000b\u202e\n' },
  );
  await end(orca.db, build, null);
  assert.equal(await command.status, 0);
  assert.match(command.output(), new RegExp(`^Image ${SHA}\n`));
  assert.match(command.output(), /half a line, red and its end\nStep 2\/2\na.?b\n/);
  assert.match(
    command.output(),
    /Ready after \d.*\(build 41 s, check 1\.5 s, saving 0\.9 s\): 572 MiB, saved as 191 MiB\n$/,
  );
  assert.doesNotMatch(command.output(), /[\u0000-\u0009\u000b-\u001f\u202e]/);

  const again = runImages(['build', path, '--server', orca.url]);
  assert.equal(await again.status, 0);
  assert.match(again.output(), /It is there already, 572 MiB\n$/);
});

test('orca images build follows on when a build is interrupted, and ends with 1 and the reason of a failure', async () => {
  await using orca = await startOrca();
  const path = await writeDockerfile(orca, DOCKERFILE);
  const command = runImages(['build', path], { ORCA_SERVER: orca.url });
  const first = await takeBuild(orca.db);
  await print(orca.db, first, { step: 'Step 1/2', output: 'the first\n' });
  await command.until(/the first/);
  assert.equal(await returnBuild(orca.db, first, { reason: 'stopped', isFault: false }), 'returned');
  const second = await takeBuild(orca.db);
  await print(orca.db, second, { step: 'Step 1/2', output: 'the second\n' });
  await end(orca.db, second, 'Step 2/2 ended with status 2');
  assert.equal(await command.status, 1);
  assert.match(
    command.output(),
    /the first\n[\s\S]*interrupted[\s\S]*Build 2, by a test\nStep 1\/2\nthe second\nFailed after .*: Step 2\/2 ended with status 2\n$/,
  );
});

test('orca images build shows nothing of a build that had failed before it asked', async () => {
  await using orca = await startOrca();
  const path = await writeDockerfile(orca, DOCKERFILE);
  const before = runImages(['build', path, '--no-wait', '--json'], { ORCA_SERVER: orca.url });
  assert.equal(await before.status, 0);
  const old = await takeBuild(orca.db);
  await print(orca.db, old, { step: 'Step 1/2', output: 'old\n' });
  await end(orca.db, old, 'no luck');

  const command = runImages(['build', path], { ORCA_SERVER: orca.url });
  await command.until(/number 1 in the queue/);
  await end(orca.db, await takeBuild(orca.db), null);
  assert.equal(await command.status, 0);
  assert.doesNotMatch(command.output(), /old|no luck|interrupted/);
});

test('orca images build ends with 130 at Ctrl-C, leaves the build alone and says how to look again', async () => {
  await using orca = await startOrca();
  const path = await writeDockerfile(orca, DOCKERFILE);
  const command = runImages(['build', path], { ORCA_SERVER: orca.url });
  const build = await takeBuild(orca.db);
  await command.until(/Build 1/);
  command.kill('SIGINT');
  assert.equal(await command.status, 130);
  assert.match(
    command.output(),
    new RegExp(
      `goes on without this command\\. "orca images show ${SHA.slice(0, 12)}" .*"orca images build ${path}"`,
    ),
  );
  await end(orca.db, build, null);
});

test('orca images and its show tell of sizes, who asked, and reasons; a beginning of a sha is enough', async () => {
  await using orca = await startOrca();
  const env = { ORCA_SERVER: orca.url };
  const none = runImages([], env);
  assert.equal(await none.status, 0);
  assert.match(none.output(), / nobody: the base image\nNo other image has been asked for yet/);

  const ready = await makeReadyImage(orca.db, 'FROM orca-grader-base\n#\n');
  const path = await writeDockerfile(orca, DOCKERFILE);
  await runImages(['build', path, '--no-wait'], env).status;
  await end(orca.db, await takeBuild(orca.db), 'Step 2/2 failed\nbadly');
  const list = runImages([], env);
  assert.equal(await list.status, 0);
  assert.match(list.output(), /^image +state +size +archive +last use +held jobs +asked by\n/);
  assert.match(
    list.output(),
    new RegExp(`\\n${SHA.slice(0, 12)} +failed +– +– +– +0 +\\S.*\\n {2}Step 2/2 failed badly\\n`),
  );
  assert.match(list.output(), new RegExp(`\\n${ready.slice(0, 12)} +ready +572 MiB +191 MiB .*a test\\n`));

  const show = runImages(['show', SHA.slice(0, 8).toUpperCase()], env);
  assert.equal(await show.status, 0);
  assert.match(show.output(), new RegExp(`image +${SHA}`));
  assert.match(
    show.output(),
    /\n +1 +.* ago +failed .* 41 s +1\.5 s +– .*a test\n {2}Step 2\/2 failed badly\n/,
  );
  assert.match(show.output(), /Dockerfile\n {2}FROM orca-grader-base\n {2}RUN make things\n$/);

  const json: unknown = JSON.parse(await outputOf(['--json', 'show', SHA], env));
  assert.ok(typeof json === 'object' && json !== null && 'dockerfile_contents' in json);
  assert.equal(json.dockerfile_contents, DOCKERFILE);

  assert.match(await outputOf(['show', ''.padEnd(64, '0')], env), /Cannot find image "0{64}": nobody/);
  assert.match(await outputOf(['show', 'zz'], env), /must be a SHA-256/);
});

test('orca images says which key it needs, and never shows the one that it has', async () => {
  await using orca = await startOrca();
  const keySha256 = createHash('sha256').update('s3cret').digest();
  await createApiKey(orca.db, { keySha256, role: 'client', hostnames: ['course.example.edu'] });
  const outputs = await Promise.all([
    outputOf([], { ORCA_SERVER: orca.url, ORCA_API_KEY: 'wr0ng' }),
    outputOf(['--key', 's3cret'], { ORCA_SERVER: orca.url }),
    outputOf(['--key', 's3cret\n'], { ORCA_SERVER: orca.url }),
  ]);
  assert.match(outputs[0], /Cannot list the images: .* wants a key that it knows/);
  assert.match(outputs[1], /Cannot list the images: the key's role may not do that/);
  assert.match(outputs[2], /Cannot use the API key/);
  assert.doesNotMatch(outputs.join(''), /s3cret|wr0ng/);
});

test('orca images build tells what is wrong in a Dockerfile, and what to do where no Orca is', async () => {
  await using orca = await startOrca();
  const bad = await writeDockerfile(orca, 'FROM debian\n');
  assert.match(await outputOf(['build', bad], {}), /Cannot build ".*":\n {2}line 1: .*orca-grader-base/);
  const good = await writeDockerfile(orca, DOCKERFILE);
  assert.match(
    await outputOf(['build', good], { ORCA_SERVER: 'http://127.0.0.1:1' }),
    /nothing answers at http:\/\/127\.0\.0\.1:1 .*"orca up"/,
  );
});

/** What a command prints; one that fails says so without a stack trace. */
async function outputOf(args: readonly string[], env: Record<string, string>): Promise<string> {
  const command = runImages(args, env);
  await command.status;
  assert.doesNotMatch(command.output(), /\n {4}at /);
  return command.output();
}
