import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { attachContainer, waitContainer } from '@orca/docker';
import { openTestSandbox, type TestSandbox } from './testing/open-test-sandbox.ts';

/** Runs a Python program in the sandbox and hands back what it printed. */
async function python(box: TestSandbox, lines: readonly string[]): Promise<string> {
  const report = await box.run([{ cmd: ['python3', '-c', lines.join('\n')], on_complete: 'output' }]);
  const [step] = report.steps;
  assert.equal(step?.status, 0, `${step?.stderr} ${JSON.stringify(report.ending)}`);
  return String(step?.stdout).trim();
}

describe("a job's container", () => {
  let box: TestSandbox;
  before(async () => {
    box = await openTestSandbox();
  });
  after(() => box[Symbol.asyncDispose]());

  test('gives commands no capability, no new privileges, and a system call filter', async () => {
    const status = await python(box, ['print(open("/proc/self/status").read())']);
    for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
      assert.match(status, new RegExp(`^${name}:\\s+0+$`, 'm'));
    }
    assert.match(status, /^NoNewPrivs:\s+1$/m);
    assert.match(status, /^Seccomp:\s+2$/m);
    assert.match(status, /^Uid:\s+1000\s+1000\s+1000\s+1000$/m);
    assert.match(status, /^Groups:\s*$/m);
  });

  test('reaches no network but itself', async () => {
    const seen = await python(box, [
      'import os, socket',
      'print(sorted(os.listdir("/sys/class/net")))',
      's = socket.socket(); s.settimeout(1)',
      'try: s.connect(("192.0.2.1", 80)); print("connected")',
      'except OSError as e: print(e.errno)',
    ]);
    // ENETUNREACH: there is no route that a packet could take.
    assert.equal(seen, "['lo']\n101");
  });

  test('finds itself: localhost and its own name, IPv4 first, and nobody else', async () => {
    const seen = await python(box, [
      'import socket',
      'print(socket.getaddrinfo("localhost", 80)[0][4], open("/etc/resolv.conf").read().split())',
      'with socket.create_server(("localhost", 0)) as s: socket.create_connection(s.getsockname()).close()',
      'try: socket.getaddrinfo("course.example.edu", 80); print("resolved")',
      'except OSError: print("not resolved")',
    ]);
    assert.equal(seen, "('127.0.0.1', 80) []\nnot resolved");
  });

  test('refuses the system calls that have opened sandboxes, and families of sockets that reach out', async () => {
    const seen = await python(box, [
      'import ctypes, socket',
      'libc = ctypes.CDLL(None, use_errno=True)',
      // ptrace, keyctl, bpf, userfaultfd, perf_event_open, io_uring_setup, open_by_handle_at, process_vm_readv, unshare,
      // mount, vmsplice, x86-64 numbers all; and clone with CLONE_NEWUSER.
      'calls = [101, 250, 321, 323, 298, 425, 304, 310, 272, 165, 278]',
      'results = [(libc.syscall(n, 0, 0, 0, 0, 0, 0), ctypes.get_errno()) for n in calls]',
      'results.append((libc.syscall(56, 0x10000000, 0, 0, 0, 0), ctypes.get_errno()))',
      'print(set(results))',
      'for family in (38, 40, 17):',
      '  try: socket.socket(family, 3); print("open")',
      '  except OSError as e: print(e.errno)',
    ]);
    assert.equal(seen, '{(-1, 1)}\n1\n1\n1');
  });

  test("lets nobody write out the machine's disks, which could not be killed meanwhile", async () => {
    const syncfs = process.arch === 'arm64' ? 267 : 306;
    // Of a descriptor that is none: only who does nothing succeeds.
    const ofNone = `my $none = -1; exit(syscall(${syncfs}, $none) == 0 ? 0 : 1)`;
    const { steps } = await box.run([
      { cmd: ['sync'] },
      { cmd: ['perl', '-e', ofNone], on_complete: 'output' },
    ]);
    assert.deepEqual(
      steps.map(({ status }) => status),
      [0, 0],
    );
  });

  test('keeps the harness out of reach: its memory, its streams, its binary, its signals', async () => {
    const seen = await python(box, [
      'import os, signal',
      'harness = [int(p) for p in os.listdir("/proc") if p.isdigit() and int(p) != os.getpid() and open(f"/proc/{p}/comm").read().strip() in ("node", "MainThread")]',
      'assert len(harness) == 1, harness',
      'for pid in (1, harness[0]):',
      '  for name in ("environ", "mem", "maps", "fd/0", "fd/1", "exe", "root/x"):',
      '    try: open(f"/proc/{pid}/{name}", "rb").read(1); print("read", pid, name)',
      '    except OSError as e: assert e.errno in (1, 13), (name, e)',
      '  try: os.kill(pid, signal.SIGKILL); print("killed", pid)',
      '  except PermissionError: pass',
      'for path in ("/opt/orca/bin/node", "/dev/orca-pipes/0", "/root/x"):',
      '  try: open(path, "rb"); print("opened", path)',
      '  except PermissionError: pass',
      'print("nothing else")',
    ]);
    assert.equal(seen, 'nothing else');
  });

  test('can write to nothing but its tmpfs', async () => {
    const seen = await python(box, [
      'import os, subprocess',
      'found = subprocess.run(["find", "/", "-xdev", "-writable", "-not", "-type", "l"], capture_output=True, text=True)',
      'print(found.stdout.strip())',
      'mounts = [line.split() for line in open("/proc/mounts")]',
      'print(sorted(m[1] for m in mounts if os.path.isdir(m[1]) and os.access(m[1], os.W_OK)))',
    ]);
    // Message queues are in memory too, and this container's own.
    assert.equal(seen, "/tmp\n/work\n['/dev/mqueue', '/dev/shm', '/tmp', '/work']");
  });

  test("runs compilers' kind of work: threads, pipes, files, another process", async () => {
    const seen = await python(box, [
      'import concurrent.futures, multiprocessing, os, subprocess, tempfile',
      'with concurrent.futures.ThreadPoolExecutor(4) as pool: print(sum(pool.map(abs, range(10))))',
      'with tempfile.NamedTemporaryFile() as f: f.write(b"x"); f.flush(); os.fsync(f.fileno())',
      'print(subprocess.run("echo sub | tr a-z A-Z", shell=True, capture_output=True, text=True).stdout.strip())',
      'print(multiprocessing.Pool(2).map(abs, [-1, -2]))',
    ]);
    assert.equal(seen, '45\nSUB\n[1, 2]');
  });

  test('kills daemons of every kind between commands, and with a kept one at the time-out', async () => {
    const daemon = [
      'import os, signal, sys, time',
      'reader, writer = os.pipe()',
      'if os.fork(): os.read(reader, 1); os._exit(0)',
      'os.setsid()',
      'if os.fork(): os._exit(0)',
      'os.chdir("/")',
      'for each in range(1, 65):',
      '  try: signal.signal(each, signal.SIG_IGN)',
      '  except (OSError, ValueError): pass',
      'with open("/proc/self/comm", "w") as name: name.write("sleep")',
      'os.write(writer, b"."); os.closerange(0, 64)',
      'if sys.argv[1] == "stopped": os.kill(os.getpid(), signal.SIGSTOP)',
      'while True: time.sleep(1)',
    ].join('\n');
    const start = (kind: string): string[] => ['python3', '-c', daemon, kind];
    const count = 'cat /proc/[0-9]*/comm | grep -c sleep; true';
    const next = { on_complete: 'next', on_fail: 'next' } as const;
    const report = await box.run([
      { cmd: start('running'), ...next },
      { cmd: count, ...next },
      { cmd: start('stopped'), ...next },
      { cmd: count, ...next },
      { cmd: start('running'), keep_processes: true, ...next },
      { cmd: count, keep_processes: true, ...next },
      { cmd: 'while :; do :; done', timeout: 1, keep_processes: true, ...next },
      { cmd: count, keep_processes: true, on_complete: 'output' },
    ]);
    const counts = [1, 3, 5, 7].map((step) => String(report.steps[step]?.stdout).trim());
    assert.deepEqual(counts, ['0', '0', '1', '0'], JSON.stringify(report.ending));
  });

  test('removes System V memory, queues and semaphores between commands, and not between the programs of one', async () => {
    const make = [
      'import ctypes',
      'libc = ctypes.CDLL(None)',
      'libc.shmat.restype = ctypes.c_void_p',
      'number = libc.shmget(7, 40 << 20, 0o1666)',
      'ctypes.memset(libc.shmat(number, None, 0), 1, 40 << 20)',
      'assert libc.msgget(7, 0o1666) >= 0 and libc.semget(7, 1, 0o1666) >= 0',
    ].join('; ');
    const count = 'cat /proc/sysvipc/shm /proc/sysvipc/msg /proc/sysvipc/sem | grep -vc key; true';
    const next = { on_complete: 'next', on_fail: 'next' } as const;
    const report = await box.run([
      { cmd: `python3 -c '${make}'; ${count}`, ...next },
      { cmd: count, ...next },
      { cmd: ['python3', '-c', make], keep_processes: true, ...next },
      { cmd: count, ...next },
      { cmd: count, on_complete: 'output' },
    ]);
    const counts = [0, 1, 3, 4].map((step) => String(report.steps[step]?.stdout).trim());
    assert.deepEqual(counts, ['3', '0', '3', '0'], JSON.stringify(report.ending));
  });

  test('has its mounts as they were asked for, modes from inside included', async () => {
    const seen = await python(box, [
      'import os',
      'wanted = ("/", "/work", "/tmp", "/dev/shm", "/dev", "/dev/mqueue", "/proc/sys")',
      'mounts = {}',
      'for line in open("/proc/self/mountinfo"):',
      '  fields, rest = line.split(" - "); path, options = fields.split()[4:6]',
      '  if path in wanted: mounts[path] = (rest.split()[0], set(options.split(",")))',
      'for path in wanted:',
      '  kind, options = mounts[path]; found = os.stat(path); size = os.statvfs(path)',
      '  flags = sorted(options & {"ro", "rw", "nosuid", "nodev", "noexec"})',
      '  room = f"{size.f_blocks * size.f_frsize >> 20} MiB, {size.f_files} files" if path in ("/work", "/tmp") else ""',
      '  print(path, kind, *flags, f"{found.st_mode & 0o7777:o} {found.st_uid}:{found.st_gid}", room)',
    ]);
    assert.deepEqual(
      seen.split('\n').map((line) => line.trim()),
      [
        '/ overlay ro 755 0:0',
        '/work tmpfs nodev nosuid rw 755 1000:1000 64 MiB, 24096 files',
        '/tmp tmpfs nodev nosuid rw 1777 0:0 128 MiB, 16384 files',
        '/dev/shm tmpfs nodev noexec nosuid rw 1777 0:0',
        '/dev tmpfs nosuid rw 755 0:0',
        '/dev/mqueue mqueue nodev noexec nosuid rw 1777 0:0',
        '/proc/sys proc nodev noexec nosuid ro 555 0:0',
      ],
    );
  });

  test('dies when its input closes: its life line', async () => {
    let name = '';
    const report = box.run([{ cmd: 'sleep 1000' }], {
      onEvent(event) {
        if (event.kind === 'container') name = event.name;
        // What a crashed worker's connection does: it closes. A second attachment's end does it alike (StdinOnce).
        if (event.kind === 'step_started') void closeInput(box, name);
      },
    });
    const { ending } = await report;
    assert.equal(ending.kind, 'failed');
  });
});

async function closeInput(box: TestSandbox, name: string): Promise<void> {
  using attachment = await attachContainer(box.engine, name);
  attachment.stdin.end();
  await waitContainer(box.engine, name, AbortSignal.timeout(20_000)).catch(() => undefined);
}
