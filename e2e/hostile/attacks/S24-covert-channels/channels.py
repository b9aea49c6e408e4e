"""Says "I am here" in ten ways, and listens for another job that does, both at the same time. Run as A and as B at once.

At the end a child of the same container speaks as the other: that it is heard shows that all of them are channels, and
that nobody was heard before shows that they end at the container.
"""

import ctypes
import fcntl
import os
import socket
import sys
import time

NAMES = ("A", "B")
LOCKED = {"A": "/etc/passwd", "B": "/etc/group"}
KEY, PORT = 0x4F726361, 47_114
# Far longer than the starts of two jobs lie apart.
LISTEN_SECONDS = 8
libc = ctypes.CDLL(None, use_errno=True)


def speak(name: str) -> list:
    held = [open(f"{folder}/{name}", "w") for folder in ("/dev/shm", "/tmp")]
    number = NAMES.index(name)
    for address, family in (("\0" + name, socket.AF_UNIX), (("127.0.0.1", PORT + number), socket.AF_INET)):
        server = socket.socket(family)
        server.bind(address)
        server.listen(1_000)
        held.append(server)
    held.append(open(LOCKED[name]))
    fcntl.flock(held[-1], fcntl.LOCK_EX)
    held.append(libc.mq_open(b"/" + name.encode(), os.O_CREAT | os.O_RDWR, 0o666, None))
    return [*held, libc.shmget(KEY + number, 4096, 0o1666), libc.msgget(KEY + number, 0o1666), libc.semget(KEY + number, 1, 0o1666)]


def connects(address, family) -> bool:
    with socket.socket(family) as client:
        return client.connect_ex(address) == 0


def is_locked(path: str) -> bool:
    with open(path) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def listen(name: str) -> set[str]:
    number = NAMES.index(name)
    ways = {
        "/dev/shm": lambda: os.path.exists(f"/dev/shm/{name}"),
        "/tmp": lambda: os.path.exists(f"/tmp/{name}"),
        "abstract socket": lambda: connects("\0" + name, socket.AF_UNIX),
        "lock on a file of the image": lambda: is_locked(LOCKED[name]),
        "loopback": lambda: connects(("127.0.0.1", PORT + number), socket.AF_INET),
        "POSIX queue": lambda: os.path.exists(f"/dev/mqueue/{name}"),
        "processes": lambda: bool(processes() - AT_FIRST),
        "System V memory": lambda: libc.shmget(KEY + number, 0, 0) >= 0,
        "System V queue": lambda: libc.msgget(KEY + number, 0) >= 0,
        "System V semaphores": lambda: libc.semget(KEY + number, 0, 0) >= 0,
    }
    return {way for way, is_heard in ways.items() if is_heard()}


def processes() -> set[int]:
    return {int(name) for name in os.listdir("/proc") if name.isdigit()}


own = sys.argv[1]
kept = speak(own)
print("speaking", file=sys.stderr, flush=True)
if sys.argv[2:] == ["only"]:
    time.sleep(1_000)

other = NAMES[1 - NAMES.index(own)]
AT_FIRST = processes()
heard: set[str] = set()
until = time.monotonic() + LISTEN_SECONDS
while time.monotonic() < until:
    heard |= listen(other)
    time.sleep(0.05)

reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.dup2(writer, 2)
    os.execv(sys.executable, [sys.executable, sys.argv[0], other, "only"])
os.read(reader, 64)
print("heard within this container:", ", ".join(sorted(listen(other), key=str.lower)))
print("heard from another job:", ", ".join(sorted(heard)) or "nothing")
SYS_ADD_KEY = 248
added = libc.syscall(SYS_ADD_KEY, b"user", own.encode(), b"x", 1, -4)
print("keyrings:", "ADDED" if added >= 0 else "refused")
os.kill(child, 9)
