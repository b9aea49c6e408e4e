"""Tries every way that leads from one process to another, on init and on the harness."""

import ctypes
import errno
import os
import resource
import signal

libc = ctypes.CDLL(None, use_errno=True)
PTRACE_ATTACH, SYS_PTRACE = 16, 101
SYS_READV, SYS_WRITEV, SYS_PIDFD_OPEN, SYS_PIDFD_GETFD = 310, 311, 434, 438


def outcome(attempt) -> str:
    try:
        attempt()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "DONE"


def syscall(number: int, *arguments) -> None:
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def vm(number: int, pid: int) -> None:
    memory = ctypes.create_string_buffer(8)
    here = Iovec(ctypes.addressof(memory), 8)
    syscall(number, pid, ctypes.byref(here), 1, ctypes.byref(here), 1, 0)


def steal_descriptor(pid: int) -> None:
    syscall(SYS_PIDFD_GETFD, os.pidfd_open(pid), 1, 0)


def read_byte(path: str) -> None:
    with open(path, "rb") as file:
        file.read(1)


def harness() -> int:
    """The one child of init that is not of ours."""
    for name in os.listdir("/proc"):
        if name.isdigit() and name != "1" and os.stat(f"/proc/{name}").st_uid == 0:
            return int(name)
    raise SystemExit("there is no harness")


for who, pid in (("init", 1), ("harness", harness())):
    ways = {
        **{name: (lambda name=name: read_byte(f"/proc/{pid}/{name}")) for name in ("environ", "mem", "maps")},
        **{name: (lambda name=name: open(f"/proc/{pid}/{name}", "wb")) for name in ("fd/0", "fd/1")},
        **{name: (lambda name=name: os.readlink(f"/proc/{pid}/{name}")) for name in ("exe", "cwd", "root")},
    }
    print(f"{who}: " + ", ".join(f"{name} {outcome(way)}" for name, way in ways.items()))
    deeds = {
        **{each.name: (lambda each=each: os.kill(pid, each)) for each in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM)},
        "ptrace": lambda: syscall(SYS_PTRACE, PTRACE_ATTACH, pid, 0, 0),
        "process_vm_readv": lambda: vm(SYS_READV, pid),
        "process_vm_writev": lambda: vm(SYS_WRITEV, pid),
        "pidfd_getfd": lambda: steal_descriptor(pid),
        "prlimit": lambda: resource.prlimit(pid, resource.RLIMIT_CPU, (0, 0)),
    }
    print(f"{who}: " + ", ".join(f"{name} {outcome(deed)}" for name, deed in deeds.items()))

console = outcome(lambda: open("/dev/console", "wb")) if os.path.exists("/dev/console") else "none"
tty = outcome(lambda: open("/dev/tty", "wb"))
master = os.open("/dev/ptmx", os.O_RDWR | os.O_NOCTTY)
libc.ptsname.restype = ctypes.c_char_p
own = libc.ptsname(master).decode()
terminals = [name for name in os.listdir("/dev/pts") if name != "ptmx" and f"/dev/pts/{name}" != own]
pipes = outcome(lambda: os.listdir("/dev/orca-pipes"))
print(
    f"devices: console {console}, tty {tty}, ptmx opened to nobody,",
    f"terminals of others {', '.join(terminals) or 'none'}, pipes of others {pipes}",
)
