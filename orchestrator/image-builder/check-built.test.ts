import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageState } from '@orca/docker';
import { checkBuilt } from './check-built.ts';

const MIB = 1024 * 1024;
const LIMITS = { imageBytesMax: 100 * MIB };

function image(changes: Partial<ImageState> = {}): ImageState {
  const layers = ['sha256:a', 'sha256:b', 'sha256:c'];
  return { ...BASE, layers, ...changes };
}

const BASE: ImageState = {
  id: 'sha256:base',
  tags: [],
  sizeBytes: 90 * MIB,
  env: ['PATH=/bin'],
  volumes: [],
  parentId: null,
  createdAt: null,
  os: 'linux',
  architecture: 'amd64',
  exposedPorts: [],
  user: '',
  workingFolder: '',
  hasEntrypoint: false,
  hasHealthcheck: false,
  onBuild: [],
  stopSignal: '',
  labels: {},
  layers: ['sha256:a', 'sha256:b'],
};

const portsTo = (last: number) => Array.from({ length: last }, (_, index) => `${index + 1}/tcp`);
const refusal = (changes: Partial<ImageState>) => checkBuilt(image(changes), [BASE], LIMITS) ?? '';

test('checkBuilt() takes an image on top of one of the bases, at all limits', () => {
  const other = { ...BASE, layers: ['sha256:z'] };
  assert.equal(checkBuilt(image(), [other, BASE], LIMITS), null);
  const env = Array.from({ length: 256 }, (_, index) => `V${index}=${'x'.repeat(200)}`);
  const labels = Object.fromEntries(env.map((entry, index) => [`l${index}`, entry]));
  const layers = [...BASE.layers, ...Array.from({ length: 123 }, (_, index) => `sha256:${index}`)];
  const limits = { env, labels, layers, exposedPorts: portsTo(256), sizeBytes: 100 * MIB };
  assert.equal(refusal(limits), '');
});

test('checkBuilt() refuses an image of another base, or with layers of the base in between', () => {
  for (const layers of [[], ['sha256:a'], ['sha256:x', 'sha256:b'], ['sha256:x', 'sha256:a', 'sha256:b']])
    assert.match(refusal({ layers }), /does not begin with the layers of orca-grader-base/);
});

test('checkBuilt() refuses what is one past a limit, and says the limit', () => {
  assert.match(refusal({ sizeBytes: 100 * MIB + 1 }), /it has 101 MiB, more than 100 MiB/);
  const layers = [...BASE.layers, ...Array.from({ length: 124 }, (_, index) => `sha256:${index}`)];
  assert.match(refusal({ layers }), /126 layers, more than 125/);
  assert.match(refusal({ env: Array.from({ length: 257 }, () => 'A=b') }), /more than 256 variables/);
  assert.match(refusal({ env: ['x'.repeat(64 * 1024 + 1)] }), /64 KiB/);
  assert.match(refusal({ labels: { a: 'x'.repeat(64 * 1024) } }), /labels or 64 KiB/);
  assert.match(refusal({ exposedPorts: portsTo(257) }), /it exposes more than 256 ports/);
});
