import assert from 'node:assert/strict';
import { test } from 'node:test';
import { specsOf } from './start-system.ts';

const specs = specsOf({
  dataDir: '/srv/orca',
  port: 4000,
  workers: 2,
  concurrency: 3,
  output: 'inherit',
  databaseUrl: 'postgres://here',
  env: { PATH: '/bin', ORCA_LOG_LEVEL: 'debug', POSTGRES_URL: 'postgres://elsewhere' },
});

test('specsOf() starts the server on the port that was asked for, then on the one that it had', () => {
  assert.equal(specs.server('').env['API_PORT'], '4000');
  assert.equal(specs.server('http://127.0.0.1:4567').env['API_PORT'], '4567');
});

test('specsOf() gives each worker a folder of its own and the address of the server', () => {
  const { env, name } = specs.worker(2, 'http://127.0.0.1:4000');
  assert.equal(name, 'worker 2');
  assert.equal(env['ORCA_WORKER_FOLDER'], '/srv/orca/workers/2');
  assert.equal(env['ORCA_WEB_SERVER_HOST'], 'http://127.0.0.1:4000');
  assert.equal(env['ORCA_CONCURRENCY'], '3');
});

test('specsOf() gives the image builder and the server the same folder of images, in the data folder', () => {
  assert.deepEqual(specs.imageBuilder().program.slice(1), ['image-builder']);
  for (const { env } of [specs.imageBuilder(), specs.server('')])
    assert.equal(env['ORCA_IMAGE_FOLDER'], '/srv/orca/images');
});

test('specsOf() passes on the environment, and tells all the same database', () => {
  for (const { env } of [specs.server(''), specs.imageBuilder(), specs.worker(1, '')]) {
    assert.equal(env['POSTGRES_URL'], 'postgres://here');
    assert.equal(env['ORCA_LOG_LEVEL'], 'debug');
  }
});

test('specsOf() gives each process a port of its own for its metrics, where one is asked for', () => {
  const portsFor = (ORCA_METRICS_PORT: string): (string | undefined)[] => {
    const { server, imageBuilder, worker } = specsOf({
      ...{ dataDir: '/srv/orca', port: 4000, workers: 2, concurrency: 3, output: 'inherit' },
      ...{ databaseUrl: 'postgres://here', env: { ORCA_METRICS_PORT } },
    });
    return [server(''), imageBuilder(), worker(1, ''), worker(2, '')].map(
      ({ env }) => env['ORCA_METRICS_PORT'],
    );
  };
  assert.deepEqual(portsFor('9464'), ['9464', '9465', '9466', '9467']);
  assert.deepEqual(portsFor('0'), ['0', '0', '0', '0']);
});
