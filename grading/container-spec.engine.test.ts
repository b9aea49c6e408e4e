import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectEngine, createContainer, inspectImage, removeContainer, startContainer } from '@orca/docker';
import { inspectWhole } from '@orca/docker/testing';
import { DEFAULT_LIMITS } from '@orca/protocol';
import { containerSpec } from './container-spec.ts';

const IMAGE = 'orca-grader-base:latest';
// biome-ignore lint/style/noProcessEnv: tests run on the engine that everything else is told to use, too
const DOCKER_HOST = process.env['DOCKER_HOST'];

/** Settings of which an engine adds members of its own: the image's, or defaults. */
const WIDENED = ['Labels', 'LogConfig', 'RestartPolicy'];

/** Whatever else could lead out of a container, and must have stayed empty. */
const EMPTY = [
  'VolumesFrom',
  'ExtraHosts',
  'GroupAdd',
  'Links',
  'DeviceRequests',
  'DeviceCgroupRules',
  'PortBindings',
];
const UNSHARED = ['PidMode', 'UTSMode', 'UsernsMode'];

/** Engines write `null`, or nothing at all, for an empty list. */
function assertMade(setting: string, made: unknown, wanted: unknown): void {
  if (WIDENED.includes(setting)) assert.deepEqual({ ...Object(made), ...Object(wanted) }, made, setting);
  else if (Array.isArray(wanted) && wanted.length === 0) assert.deepEqual(made ?? [], [], setting);
  else assert.deepEqual(made, wanted, setting);
}

test('containerSpec() is what the engine makes: each setting of a running container is as it was asked for', async () => {
  const engine = await connectEngine(DOCKER_HOST);
  const image = await inspectImage(engine, IMAGE);
  assert.ok(image, `the engine has no "${IMAGE}"; ./orca test builds it`);
  const specified = containerSpec({
    imageId: image.id,
    imageEnv: [],
    imageVolumes: ['/srv/a-volume'],
    knowsLocalhost: true,
    limits: { ...DEFAULT_LIMITS, cpus: 0.5, memoryMb: 96, diskMb: 32, pids: 48 },
    networkMode: 'none',
    labels: { 'orca.installation': 'container-spec-test', 'orca.worker': 'none' },
    cgroupDriver: 'cgroupfs',
  });
  assert.ok(specified.kind === 'spec');
  const name = `orca-test-spec-${process.pid}`;
  try {
    await createContainer(engine, name, specified.spec);
    await startContainer(engine, name);
    const { config, hostConfig } = await inspectWhole(engine, name);
    const { HostConfig, Env, ...rest } = specified.spec;
    for (const [setting, value] of Object.entries(rest)) assertMade(setting, config.get(setting), value);
    for (const [setting, value] of Object.entries(HostConfig))
      assertMade(setting, hostConfig.get(setting), value);
    // The image's own are merged in: what we blank must have come out on top.
    const env = config.get('Env');
    assert.ok(Array.isArray(env));
    for (const assignment of Env) {
      const variable = assignment.slice(0, assignment.indexOf('=') + 1);
      assert.deepEqual(
        env.filter((made) => String(made).startsWith(variable)),
        [assignment],
      );
    }
    for (const way of EMPTY) assert.deepEqual(Object.values(Object(hostConfig.get(way) ?? {})), [], way);
    for (const way of UNSHARED) assert.equal(hostConfig.get(way) ?? '', '', way);
  } finally {
    await removeContainer(engine, name);
  }
});
