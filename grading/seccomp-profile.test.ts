import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seccompProfile } from './seccomp-profile.ts';

test('seccompProfile() refuses by default, and does not allow what has opened sandboxes', () => {
  const { defaultAction, syscalls } = seccompProfile();
  assert.equal(defaultAction, 'SCMP_ACT_ERRNO');
  const allowed = new Set(
    syscalls.filter((rule) => rule.action === 'SCMP_ACT_ALLOW').flatMap((rule) => rule.names),
  );
  assert.ok(allowed.size > 300, `only ${allowed.size} calls`);
  const refused = [
    ...['ptrace', 'process_vm_readv', 'process_vm_writev', 'pidfd_getfd', 'kcmp', 'perf_event_open', 'bpf'],
    ...['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'userfaultfd', 'vmsplice', 'socketcall'],
    // The kernel counts these for the whole machine.
    ...['io_setup', 'io_submit', 'io_cancel', 'io_destroy', 'io_getevents', 'io_pgetevents'],
    'io_pgetevents_time64',
    ...['keyctl', 'add_key', 'request_key', 'name_to_handle_at', 'open_by_handle_at', 'unshare', 'setns'],
    ...['mount', 'umount2', 'pivot_root', 'chroot', 'fsopen', 'move_mount', 'open_tree', 'clone3'],
    ...[
      'init_module',
      'finit_module',
      'kexec_load',
      'reboot',
      'swapon',
      'settimeofday',
      'clock_settime',
      'syslog',
    ],
  ];
  for (const name of refused) assert.equal(allowed.has(name), false, name);
});

test('seccompProfile() allows sockets of four families, and clone without namespaces', () => {
  const { syscalls } = seccompProfile();
  const families = syscalls
    .filter((rule) => rule.names.includes('socket'))
    .map((rule) => rule.args?.[0]?.value);
  assert.deepEqual(families, [1, 2, 10, 16]);
  const clone = syscalls.filter((rule) => rule.names.includes('clone'));
  assert.equal(clone.length, 1);
  assert.equal(clone[0]?.args?.[0]?.op, 'SCMP_CMP_MASKED_EQ');
});

test('seccompProfile() lets all signals through but two, and all that programs ask of fcntl but to be sent one', () => {
  const { syscalls } = seccompProfile();
  const isAllowed = (name: string, number: number): boolean =>
    syscalls
      .filter((rule) => rule.names.includes(name))
      .flatMap(({ args = [] }) => args)
      .some(({ value, valueTwo = 0 }) => (BigInt(number) & BigInt(value)) === BigInt(valueTwo));
  const among = (name: string, last: number): number[] =>
    Array.from({ length: last + 1 }, (_, number) => number).filter((number) => !isAllowed(name, number));
  for (const name of ['kill', 'tkill', 'rt_sigqueueinfo', 'rt_tgsigqueueinfo', 'pidfd_send_signal'])
    assert.deepEqual(among(name, 64), [32, 33], name);
  assert.deepEqual(among('tgkill', 64), [33]);
  // The kernel looks at 32 bits only.
  for (const name of ['kill', 'tgkill']) assert.equal(isAllowed(name, 2 ** 32 + 33), false, name);
  assert.deepEqual(among('fcntl', 63), [10]);
  for (const number of [1_024, 1_030, 1_031, 1_033, 1_034])
    assert.ok(isAllowed('fcntl', number), `${number}`);
  assert.equal(isAllowed('fcntl', 2 ** 32 + 10), false);
});

test("seccompProfile() takes the writing out of the machine's disks for done", () => {
  const { syscalls } = seccompProfile();
  for (const name of ['sync', 'syncfs'])
    assert.deepEqual(
      syscalls.filter((rule) => rule.names.includes(name)).map(({ action, errnoRet }) => [action, errnoRet]),
      [['SCMP_ACT_ERRNO', 0]],
    );
});

test('seccompProfile() names each call once', () => {
  const plain = seccompProfile().syscalls[0]?.names ?? [];
  assert.deepEqual(
    plain.filter((name, index) => plain.indexOf(name) !== index),
    [],
  );
});
