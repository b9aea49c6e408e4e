"""Run twice, in two jobs: leaves marks wherever something can be left, then looks for them."""

import ctypes
import os
import sys

MARK = "left-by-a-student"
KEY = 0x4F726361
FOLDERS = ("/dev/mqueue", "/dev/shm", "/tmp", "/var/tmp", "/var/cache", "/run", "/home/orca-grader", "/work/build", "/work/home")
libc = ctypes.CDLL(None, use_errno=True)


def leave() -> None:
    left = []
    for folder in sorted(FOLDERS):
        try:
            os.close(os.open(f"{folder}/{MARK}", os.O_CREAT | os.O_WRONLY))
            left.append(folder)
        except OSError:
            pass
    if libc.shmget(KEY, 4096, 0o1666) >= 0:
        left.append("System V memory")
    print("left in:", ", ".join(left))


def find() -> None:
    found = [os.path.join(folder, MARK) for folder, names, files in os.walk("/") if MARK in [*names, *files]]
    if libc.shmget(KEY, 4096, 0) >= 0:
        found.append("System V memory")
    print("found of others:", ", ".join(found) or "nothing")
    engine = [path for path in ("/var/lib/docker", "/var/lib/containerd", "/run/containerd", "/host", "/mnt/host") if os.path.exists(path)]
    print("folders of the engine:", ", ".join(engine) or "none")
    of_host, root = [], ""
    for line in open("/proc/self/mountinfo"):
        fields, rest = line.split(" - ")
        _, _, _, inside, path, options, *_ = fields.split()
        kind = rest.split()[0]
        rights = options.split(",")[0]
        if path == "/":
            root = f"{kind}, {'read-only' if rights == 'ro' else rights}"
        elif kind not in ("proc", "sysfs", "tmpfs", "devpts", "mqueue", "cgroup", "cgroup2"):
            of_host.append(f"{os.path.basename(path)} {rights}")
    print("mounts of the host's disk:", ", ".join(sorted(of_host)) or "none")
    print("root:", root)


{"leave": leave, "find": find}[sys.argv[1]]()
