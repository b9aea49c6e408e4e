import { setTimeout as sleep } from 'node:timers/promises';
import { connectEngine, listContainers, removeContainer } from '@orca/docker';
import { endOfLog } from '../kit/end-of-log.ts';
import type { Wire } from '../kit/wire.ts';
import type { Fault, FaultName } from './plan-faults.ts';
import type { Seat } from './seat.ts';
import type { World } from './start-world.ts';

/** Does one fault; when it returns, all that was taken away is there again. */
type Hurt = (world: World, fault: Fault, wait: () => Promise<void>) => Promise<void>;

const chooseWorker = ({ workers }: World, { which }: Fault): Seat =>
  workers[Math.floor(which * workers.length)] ?? workers[0] ?? fail('There is no worker');

function fail(sentence: string): never {
  throw new Error(sentence);
}

/** The faults of a process, by what it is. */
const kill =
  (seatOf: (world: World, fault: Fault) => Seat): Hurt =>
  async (world, fault, wait) => {
    const seat = seatOf(world, fault);
    await seat.kill();
    await wait();
    await seat.start();
  };
const stop =
  (seatOf: (world: World, fault: Fault) => Seat): Hurt =>
  async (world, fault, wait) => {
    const seat = seatOf(world, fault);
    const status = await seat.stop();
    if (status !== 0)
      fail(`The ${seat.name} was told to stop and ended with ${status}:\n${endOfLog(seat.process.log())}`);
    await wait();
    await seat.start();
  };
const freeze =
  (seatOf: (world: World, fault: Fault) => Seat): Hurt =>
  async (world, fault, wait) => {
    const seat = seatOf(world, fault);
    seat.freeze();
    await wait();
    seat.thaw();
  };

const disturb =
  (wireOf: (world: World) => Wire, how: 'cut' | 'freeze'): Hurt =>
  async (world, _fault, wait) => {
    wireOf(world)[how]();
    await wait();
    wireOf(world).mend();
  };
const reset =
  (wireOf: (world: World) => Wire): Hurt =>
  async (world) =>
    wireOf(world).reset();

const server = (world: World): Seat => world.server;
const builder = (world: World): Seat => world.builder;
const toPostgres = ({ postgres }: World): Wire => postgres.wire;
const toClient = ({ client }: World): Wire => client.wire;

async function killPostgres({ postgres }: World, _fault: Fault, wait: () => Promise<void>): Promise<void> {
  await postgres.kill();
  await wait();
  await postgres.restart();
}

async function killEngine({ engine }: World, _fault: Fault, wait: () => Promise<void>): Promise<void> {
  await engine.kill();
  await wait();
  await engine.start();
}

async function refusePosts({ client }: World, _fault: Fault, wait: () => Promise<void>): Promise<void> {
  client.refuse(true);
  await wait();
  client.refuse(false);
}

/** As somebody who cleans up by hand. Where none runs at this moment, none is removed. */
async function removeOneContainer({ engine }: World, { which }: Fault): Promise<void> {
  const host = await connectEngine(engine.host);
  const containers = await listContainers(host, {});
  const chosen = containers[Math.floor(which * containers.length)];
  if (chosen !== undefined) await removeContainer(host, chosen.id);
}

const HURTS = {
  'worker killed': kill(chooseWorker),
  'worker told to stop': stop(chooseWorker),
  'worker frozen': freeze(chooseWorker),
  'server killed': kill(server),
  'server told to stop': stop(server),
  'server frozen': freeze(server),
  'builder killed': kill(builder),
  'builder told to stop': stop(builder),
  'builder frozen': freeze(builder),
  'PostgreSQL killed': killPostgres,
  'way to PostgreSQL cut': disturb(toPostgres, 'cut'),
  'way to PostgreSQL reset': reset(toPostgres),
  'way to PostgreSQL silent': disturb(toPostgres, 'freeze'),
  'way to the client cut': disturb(toClient, 'cut'),
  'way to the client reset': reset(toClient),
  'way to the client silent': disturb(toClient, 'freeze'),
  'client answers 500': refusePosts,
  'engine killed': killEngine,
  'container removed': removeOneContainer,
} as const satisfies Record<FaultName, Hurt>;

/**
 * Does one fault to the system.
 *
 * @returns when it is over
 * @throws when something did not come back, and the signal's reason
 */
export async function injectFault(fault: Fault, world: World, signal: AbortSignal): Promise<void> {
  try {
    await HURTS[fault.name](world, fault, async () => void (await sleep(fault.lastsMs, null, { signal })));
  } catch (cause) {
    signal.throwIfAborted();
    throw new Error(`Cannot go on after "${fault.name}"`, { cause });
  }
}
