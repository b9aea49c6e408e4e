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

test('seccompProfile() names each call once', () => {
  const plain = seccompProfile().syscalls[0]?.names ?? [];
  assert.deepEqual(
    plain.filter((name, index) => plain.indexOf(name) !== index),
    [],
  );
});
