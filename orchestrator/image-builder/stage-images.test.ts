import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeEngine } from '@orca/docker/testing';
import type { RegistryReference } from '@orca/protocol';
import { createBuildLog } from './build-log.ts';
import { findStageProblem } from './stage-images.ts';

const NEVER = new AbortController().signal;
const GIB = 1024 ** 3;
const LIMITS = { memoryMb: 64, imageBytesMax: 8 * GIB };

/** What an engine has, or gets when it pulls. */
interface Pretended {
  readonly config?: object;
  readonly bytes?: number;
  /** What a pull says that does not come to its end. */
  readonly pulled?: object;
  /** Whether it is there already. */
  readonly isThere?: boolean;
  readonly hasRun?: boolean;
  readonly references?: readonly string[];
}

/** Looks at a stage's image on an engine that has it once it is pulled, if it can be. */
async function findProblem({ config = {}, bytes = 1, ...pretended }: Pretended) {
  const asked: string[] = [];
  const known: string[] = [];
  const there = new Set(pretended.isThere ? ['evil/x'] : []);
  await using fake = await startFakeEngine(({ method, url = '' }, response) => {
    const path = url.replace(/^\/v[\d.]+/, '');
    asked.push(`${method} ${path}`);
    const query = new URL(url, 'http://engine').searchParams;
    const name = query.get('fromImage') ?? path.replace(/^\/images\/|\/json$/g, '');
    if (method === 'DELETE') there.delete(name);
    if (method === 'GET' && !there.has(name)) response.statusCode = 404;
    if (method === 'POST' && pretended.pulled === undefined) there.add(name);
    const answer = there.has(name) ? { Id: 'sha256:1', Size: bytes, Config: config } : {};
    response.end(
      `${JSON.stringify(method === 'POST' ? (pretended.pulled ?? { status: 'done' }) : answer)}\n`,
    );
  });
  const note = (what: string) => async (reference: string) => void known.push(`${what} ${reference}`);
  const pulled = {
    ...{ note: note('note'), touch: note('touch'), forget: note('forget') },
    ...{ probe: () => assert.fail('nothing is in doubt'), sweep: () => assert.fail('nothing is swept') },
  };
  const { hasRun = false, references = ['evil/x'] } = pretended;
  const images = references.map((image): RegistryReference => ({ image, hasRun }));
  const deps = { engine: fake.engine, log: createBuildLog(), pulled };
  return { problem: await findStageProblem(images, LIMITS, deps, NEVER), asked, known };
}

test('findStageProblem() fetches what the engine lacks, and refuses instructions of its own', async () => {
  const config = { OnBuild: ['ADD http://169.254.169.254/\nx /y'] };
  const { problem, asked, known } = await findProblem({ config });
  assert.match(
    problem ?? '',
    /^"evil\/x" has instructions of its own .*: ONBUILD ADD http.*\. Begin the stage/,
  );
  assert.deepEqual(asked, [
    'GET /images/evil/x/json',
    'POST /images/create?fromImage=evil%2Fx&tag=latest',
    'GET /images/evil/x/json',
  ]);
  assert.deepEqual(known, ['note evil/x', 'note evil/x'], 'another build may have forgotten it meanwhile');
});

test('findStageProblem() refuses metadata that a grader image may not have, and finds nothing wrong with others', async () => {
  const large = async (config: object) => (await findProblem({ config })).problem ?? '';
  assert.match(await large({ Env: [`A=${'x'.repeat(70_000)}`] }), /ENV of "evil\/x" is larger/);
  assert.match(await large({ Labels: { a: 'x'.repeat(70_000) } }), /LABEL of "evil\/x" is larger/);
  const ports = Array.from({ length: 257 }, (_, port) => [`${port}/tcp`, {}]);
  assert.match(await large({ ExposedPorts: Object.fromEntries(ports) }), /EXPOSE of "evil\/x" is larger/);
  assert.equal((await findProblem({ config: { Env: ['PATH=/bin'] } })).problem, null);
});

test('findStageProblem() refuses a RUN on an image with a volume, and takes files of it', async () => {
  const config = { Volumes: { '/root/.m2': {} } };
  assert.match(
    (await findProblem({ config, hasRun: true })).problem ?? '',
    /^"evil\/x" has a volume, \/root\/\.m2, where nothing limits .* COPY --from that, or RUN on an image without/,
  );
  assert.equal((await findProblem({ config })).problem, null);
  const volumes = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`/v${n}`, {}]));
  assert.equal((await findProblem({ config: { Volumes: volumes(4) } })).problem, null);
  assert.match(
    (await findProblem({ config: { Volumes: volumes(5) } })).problem ?? '',
    /^"evil\/x" has 5 volumes, more than 4: .* Begin the stage with another image$/,
  );
});

test('findStageProblem() refuses an image that is too large, and removes it unless it was there before', async () => {
  const says =
    /^with "evil\/x", .* are more than 8192 MiB together\. Begin them with smaller or fewer images$/;
  const fetched = await findProblem({ bytes: 9 * GIB });
  assert.match(fetched.problem ?? '', says);
  assert.equal(fetched.asked.at(-1), 'DELETE /images/evil/x');
  assert.equal(fetched.known.at(-1), 'forget evil/x');
  const before = await findProblem({ bytes: 9 * GIB, isThere: true });
  assert.match(before.problem ?? '', says);
  assert.deepEqual(before.asked, ['GET /images/evil/x/json']);
  assert.deepEqual(before.known, ['touch evil/x']);
  assert.equal((await findProblem({ bytes: 8 * GIB })).problem, null);
});

test('findStageProblem() counts the images of all stages together', async () => {
  const references = ['evil/x', 'evil/y'];
  const { problem, asked } = await findProblem({ bytes: 5 * GIB, references });
  assert.match(problem ?? '', /^with "evil\/y", the images/);
  assert.deepEqual(
    asked.filter((each) => each.startsWith('DELETE')),
    ['DELETE /images/evil/y'],
  );
  assert.equal((await findProblem({ bytes: 4 * GIB, references })).problem, null);
});

test('findStageProblem() gives up the download of an image that is too large', async () => {
  const pulled = { status: 'Downloading', id: 'a', progressDetail: { current: 1, total: 9 * GIB } };
  const { problem, known } = await findProblem({ pulled });
  assert.match(problem ?? '', /^with "evil\/x", the images/);
  assert.deepEqual(known, ['note evil/x', 'forget evil/x'], 'who brings it later is somebody else');
});

test('findStageProblem() tells why there is no such image, and blames no Dockerfile for a full disk', async () => {
  const { problem, known } = await findProblem({ pulled: { error: 'pull access denied for evil/x' } });
  assert.deepEqual(known, ['note evil/x', 'forget evil/x']);
  assert.equal(problem, 'FROM evil/x: pull access denied for evil/x');
  const full = { error: 'write /x: no space left on device' };
  await assert.rejects(findProblem({ pulled: full }), { code: 'engine_refused', reason: full.error });
});
