import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { API_VERSION_MAX, commonVersion, connectEngine, engineInfo } from './connect-engine.ts';
import { startFakeEngine } from './testing/fake-engine.ts';

test('commonVersion() is the newest that both sides speak', () => {
  assert.equal(commonVersion('1.41', '1.12'), '1.41');
  assert.equal(commonVersion('1.47', '1.24'), '1.47');
  assert.equal(commonVersion('1.99', '1.44'), API_VERSION_MAX);
  assert.equal(commonVersion('1.40', '1.12'), null);
  assert.equal(commonVersion('1.9', '1.1'), null);
  assert.equal(commonVersion('2.5', '2.0'), null);
});

describe('connectEngine()', () => {
  test('agrees on a version', async () => {
    await using fake = await startFakeEngine((_request, response) =>
      response.end('{"ApiVersion":"1.43","MinAPIVersion":"1.12"}'),
    );
    assert.equal((await connectEngine(fake.dockerHost)).apiVersion, '1.43');
  });

  test('says what an engine that is too old speaks', async () => {
    await using fake = await startFakeEngine((_request, response) => response.end('{"ApiVersion":"1.39"}'));
    await assert.rejects(connectEngine(fake.dockerHost), {
      code: 'engine_too_old',
      message: /it speaks API 1\.39/,
    });
  });

  test('throws engine_unreachable for an address without an engine, and for what is no address', async () => {
    await assert.rejects(connectEngine('unix:///nowhere.sock'), { code: 'engine_unreachable' });
    await assert.rejects(connectEngine('ssh://host'), {
      code: 'engine_unreachable',
      message: /"ssh:\/\/host"/,
    });
  });

  test('throws engine_answer_invalid for something else on the socket', async () => {
    await using fake = await startFakeEngine((_request, response) => response.end('[]'));
    await assert.rejects(connectEngine(fake.dockerHost), { code: 'engine_answer_invalid' });
  });
});

test('engineInfo() tells the image store of containerd, and bears a driver that says nothing', async () => {
  const info = {
    ID: 'i',
    ServerVersion: '29',
    Driver: 'overlayfs',
    DockerRootDir: '/d',
    NCPU: 1,
    MemTotal: 1,
    DefaultRuntime: 'runc',
  };
  const cases = [
    { status: [['driver-type', 'io.containerd.snapshotter.v1']], is: true },
    {
      status: [
        ['Backing Filesystem', 'extfs'],
        ['x', 'io.containerd.snapshotter.v1'],
      ],
      is: false,
    },
    { status: [null, ['driver-type'], 'driver-type'], is: false },
    { status: null, is: false },
  ];
  for (const { status, is } of cases) {
    await using fake = await startFakeEngine((_request, response) =>
      response.end(JSON.stringify({ ...info, DriverStatus: status })),
    );
    const { hasContainerdStore, rootFolder } = await engineInfo(fake.engine);
    assert.deepEqual([hasContainerdStore, rootFolder], [is, '/d']);
  }
});
