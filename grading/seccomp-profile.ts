// Orca's own seccomp profile: what programs of courses need (compilers, Java, Python, Node, shells and what they start),
// and nothing else. It goes the way of the engine's default list, without what has opened sandboxes before: ptrace and
// reading other processes' memory, io_uring, keyrings, userfaultfd, bpf, perf, file handles, vmsplice, new namespaces, and
// sockets of families that reach past a network namespace (AF_VSOCK) or into the kernel (AF_ALG, AF_PACKET, …). Nor are there
// the contexts of `io_setup`: the kernel counts them for the whole machine (`fs.aio-max-nr`), and one job could take them all.

const SUCCESS = 0;
const EPERM = 1;
const ENOSYS = 38;

/** Files, folders and what is known of them. */
const FILES = `
  access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
  fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fdatasync fgetxattr
  flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat
  getcwd getdents getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl lchown lchown32
  lgetxattr link linkat listxattr llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat
  newfstatat _newselect open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead
  readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile sendfile64 setxattr splice stat stat64
  statfs statfs64 statx symlink symlinkat sync_file_range sync_file_range2 tee truncate truncate64 umask unlink
  unlinkat utime utimensat utimensat_time64 utimes write writev`;

/** Memory. */
const MEMORY = `
  brk get_mempolicy madvise membarrier memfd_create mincore mlock mlock2 mlockall mmap mmap2 mprotect mremap msync munlock
  munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages set_mempolicy`;

/** Processes, threads, signals, who one is. */
const PROCESSES = `
  alarm arch_prctl capget capset execve execveat exit exit_group fork futex futex_time64 futex_waitv get_robust_list
  get_thread_area getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getitimer getpgid getpgrp
  getpid getppid getpriority getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getsid gettid getuid getuid32
  ioprio_get ioprio_set modify_ldt nice pause pidfd_open prctl prlimit64 restart_syscall rseq
  rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait
  rt_sigtimedwait_time64 sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr
  sched_getparam sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr
  sched_setparam sched_setscheduler sched_yield seccomp set_robust_list set_thread_area set_tid_address setfsgid
  setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer setpgid setpriority setregid setregid32
  setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setuid setuid32 sigaltstack signalfd
  signalfd4 sigprocmask sigreturn time times ugetrlimit vfork wait4 waitid waitpid`;

/** Clocks, waiting, the machine's name. */
const CLOCKS = `
  clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 epoll_create
  epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2 getcpu
  getrandom gettimeofday nanosleep poll ppoll ppoll_time64 pselect6 pselect6_time64 select sysinfo timer_create
  timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create
  timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64 uname`;

/** Talking to other processes of the same container, and to the network where there is one. */
const MESSAGES = `
  accept accept4 bind connect getpeername getsockname getsockopt ipc listen mq_getsetattr mq_notify mq_open
  mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd recv
  recvfrom recvmmsg recvmmsg_time64 recvmsg semctl semget semop semtimedop semtimedop_time64 send sendmmsg sendmsg sendto
  setsockopt shmat shmctl shmdt shmget shutdown socketpair`;

/** Landlock only ever takes away. */
const RESTRICTING = 'landlock_add_rule landlock_create_ruleset landlock_restrict_self';

/** Sockets of these families alone: AF_UNIX, AF_INET, AF_INET6, AF_NETLINK (which `getaddrinfo` asks for addresses). */
const SOCKET_FAMILIES = [1, 2, 10, 16];

/** `personality` as programs use it (`setarch -R`, 32-bit), and asking for the present one. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0x40000, 0xffffffff];

/** CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}: a thread or a process, but no namespace. */
const CLONE_NAMESPACES = 0x7e020000;

/** Numbers whose bits under a mask are these: filters can compare no more of what the kernel takes for 32 bits. */
interface Numbers {
  readonly bits: number;
  readonly mask: number;
}

/** The numbers from one on, as many as the power of two that divides it says. */
const from = (bits: number, count: number): Numbers => ({ bits, mask: 0xffffffff - (count - 1) });

/**
 * All signals but the two that the C library keeps for its threads: whom they end, Node takes for one that has succeeded.
 * Others of that kind are ignored (ignore-signals.ts), and so is the first of these; the second no parent can ignore for a
 * program, since each that has threads begins with a handler of its own.
 */
const SIGNALS = [from(0, 32), from(34, 2), from(36, 4), from(40, 8), from(48, 16), from(64, 1)];
/** With which a thread is cancelled, by a call that only threads of one's own need. */
const CANCEL = from(32, 1);

/** The commands of `fcntl` but F_SETSIG (10), by which the kernel itself would send such a signal. */
const FCNTL = [from(0, 8), from(8, 2), from(11, 1), from(12, 4), from(16, 16), from(32, 32), from(1_024, 64)];

interface SyscallRule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  readonly args?: readonly {
    readonly index: number;
    readonly value: number;
    readonly valueTwo?: number;
    readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_MASKED_EQ';
  }[];
}

/** A seccomp profile as engines take it inline. */
export interface SeccompProfile {
  readonly defaultAction: 'SCMP_ACT_ERRNO';
  readonly defaultErrnoRet: number;
  readonly archMap: readonly {
    readonly architecture: string;
    readonly subArchitectures: readonly string[];
  }[];
  readonly syscalls: readonly SyscallRule[];
}

/**
 * The system calls that a job's processes may make: what is not in it is answered with EPERM.
 *
 * @see https://docs.docker.com/engine/security/seccomp/
 */
export function seccompProfile(): SeccompProfile {
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: EPERM,
    archMap: [
      // With their 32-bit programs, which courses about systems compile.
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    ],
    syscalls: [
      allow([FILES, MEMORY, PROCESSES, CLOCKS, MESSAGES, RESTRICTING].flatMap(namesIn)),
      ...SOCKET_FAMILIES.map((family) => allowWhere('socket', family)),
      ...PERSONALITIES.map((persona) => allowWhere('personality', persona)),
      ...allowNumbers(['kill', 'tkill', 'rt_sigqueueinfo', 'pidfd_send_signal'], 1, SIGNALS),
      ...allowNumbers(['rt_tgsigqueueinfo'], 2, SIGNALS),
      ...allowNumbers(['tgkill'], 2, [...SIGNALS, CANCEL]),
      ...allowNumbers(['fcntl', 'fcntl64'], 1, FCNTL),
      {
        names: ['clone'],
        action: 'SCMP_ACT_ALLOW',
        args: [{ index: 0, value: CLONE_NAMESPACES, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      // All that a job can write to is in memory; these would write out the machine's disks, and cannot be killed meanwhile.
      { names: ['sync', 'syncfs'], action: 'SCMP_ACT_ERRNO', errnoRet: SUCCESS },
      // Its flags lie in memory, where no filter sees them: C libraries then fall back to `clone`.
      { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    ],
  };
}

function namesIn(list: string): string[] {
  return list.trim().split(/\s+/);
}

function allow(names: readonly string[]): SyscallRule {
  return { names, action: 'SCMP_ACT_ALLOW' };
}

function allowWhere(name: string, firstArgument: number): SyscallRule {
  return {
    names: [name],
    action: 'SCMP_ACT_ALLOW',
    args: [{ index: 0, value: firstArgument, op: 'SCMP_CMP_EQ' }],
  };
}

function allowNumbers(names: readonly string[], index: number, numbers: readonly Numbers[]): SyscallRule[] {
  return numbers.map(({ bits, mask }) => ({
    names,
    action: 'SCMP_ACT_ALLOW',
    args: [{ index, value: mask, valueTwo: bits, op: 'SCMP_CMP_MASKED_EQ' }],
  }));
}
