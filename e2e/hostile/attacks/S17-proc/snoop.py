"""Reads what tells of more than one's own processes, and writes to what changes the kernel."""

import ctypes
import errno
import os


def read(path: str) -> bytes:
    try:
        if os.path.isdir(path):
            return " ".join(os.listdir(path)).encode()
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            return file.read(64)
    except OSError:
        return b""


SECRETS = [
    *(f"/proc/{name}" for name in ("kcore", "kmsg", "keys", "timer_list", "sched_debug", "latency_stats", "slabinfo", "vmallocinfo", "kpageflags")),
    *("/dev/mem", "/dev/kmsg", "/dev/port", "/sys/kernel/debug", "/sys/kernel/tracing", "/sys/firmware", "/proc/acpi", "/proc/scsi"),
]  # fmt: skip
print("secrets of the kernel:", ", ".join(f"{path} {'READ' if read(path) else 'nothing'}" for path in SECRETS))


def addresses(name: str) -> str:
    with open(f"/proc/{name}") as file:
        numbers = {part for line in file for part in line.split()[0].split("-")}
    return "all 0" if all(int(number, 16) == 0 for number in numbers) else "KNOWN"


print("addresses:", ", ".join(f"{name} {addresses(name) if os.access(f'/proc/{name}', os.R_OK) else 'all 0'}" for name in ("kallsyms", "iomem", "ioports")))

libc = ctypes.CDLL(None, use_errno=True)
messages = libc.klogctl(3, ctypes.create_string_buffer(4096), 4096)
print("messages of the kernel:", "READ" if messages >= 0 else errno.errorcode[ctypes.get_errno()])

others = [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]
environments = [pid for pid in others if read(f"/proc/{pid}/environ")]
descriptors = [pid for pid in others if os.access(f"/proc/{pid}/fd", os.R_OK)]
print(f"environments: {environments or 'own only'}; descriptors: {descriptors or 'own only'}")

tables = {"shm": "shared memory", "msg": "queues", "sem": "semaphores"}
print("System V:", ", ".join(f"{'SOME' if len(open(f'/proc/sysvipc/{name}').readlines()) > 1 else 'no'} {what}" for name, what in tables.items()))

lines = [line for name in ("tcp", "tcp6", "udp", "udp6", "unix", "packet") if os.path.exists(f"/proc/net/{name}") for line in open(f"/proc/net/{name}").readlines()[1:]]
print("connections of others:", lines or "none")


def write(path: str) -> str:
    target = os.path.join(path, "evil") if os.path.isdir(path) else path
    try:
        os.mkdir(target) if os.path.isdir(path) else open(target, "wb").close()
    except OSError:
        # Read-only or not allowed: which is asked first differs from file to file.
        return "refused"
    return "WRITTEN"


settings = ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger", "/sys/fs/cgroup/memory"]
print("settings of the kernel:", ", ".join(f"{path} {write(path)}" for path in settings))
