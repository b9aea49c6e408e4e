import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  type CreateRequest,
  connectEngine,
  createContainer,
  type Engine,
  listContainers,
  plainContainer,
  removeContainer,
  startContainer,
} from '@orca/docker';
import { BASE_IMAGE } from '../set-up/ensure-base-image.ts';
import { removeContainers } from './remove-containers.ts';

/** A container that does nothing for long. */
function idleSpec(installation: string): CreateRequest {
  const labels = { 'orca.installation': installation };
  return plainContainer({ image: BASE_IMAGE, program: ['sleep', '600'], labels });
}

async function startIdle(engine: Engine, installation: string): Promise<{ id: string; name: string }> {
  const name = `orca-${randomUUID().slice(0, 12)}`;
  const { id } = await createContainer(engine, name, idleSpec(installation));
  await startContainer(engine, id);
  return { id, name };
}

test('removeContainers() removes the running containers of one installation, and no others', async (t) => {
  const engine = await connectEngine();
  const [ours, theirs] = [randomUUID(), randomUUID()];
  const mine = await startIdle(engine, ours);
  const foreign = await startIdle(engine, theirs);
  t.after(() => Promise.all([mine, foreign].map(({ id }) => removeContainer(engine, id))));
  const said: string[] = [];
  await removeContainers(engine, ours, (line) => said.push(line));
  assert.deepEqual(await listContainers(engine, { labels: { 'orca.installation': ours } }), []);
  assert.equal((await listContainers(engine, { labels: { 'orca.installation': theirs } })).length, 1);
  assert.deepEqual(said, [`Removed containers that were left: ${mine.name}`]);
  await removeContainers(engine, ours, assert.fail);
});

test('removeContainers() says that the engine does not answer, and goes on', async () => {
  const engine = {
    ...(await connectEngine()),
    address: { kind: 'unix', path: '/nonexistent.sock' },
  } as const;
  const said: string[] = [];
  await removeContainers(engine, randomUUID(), (line) => said.push(line));
  assert.match(said[0] ?? '', /^Cannot look for containers that were left: /);
});
