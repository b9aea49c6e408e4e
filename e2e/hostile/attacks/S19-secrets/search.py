"""Searches all that can be read: every file of every mount, /proc and /sys too, and the memory of every process that lets it.

The words are disguised, each byte XOR 0x55, and what is read is disguised before it is compared: a program that held the
words would find itself. That the search finds what is there is shown by a word that the program itself plants.
"""

import os
import secrets
import signal
import stat
import subprocess
import sys

DISGUISE = bytes(byte ^ 0x55 for byte in range(256))
PIECE = 4 << 20
PSEUDO_BYTES_MAX = 1 << 20
PSEUDO = ("/proc", "/sys")
SKIPPED = ("/proc/self", "/proc/thread-self")

words = {}
for line in open(sys.argv[1]):
    name, disguised = line.rstrip("\n").split("\t")
    words[name] = bytes.fromhex(disguised)
looked_for = len(words)

planted = secrets.token_hex(16)
words["planted"] = planted.encode().translate(DISGUISE)
with open("/tmp/planted", "w") as file:
    file.write(planted)
CHILD = "import os, signal; kept = os.environ['PLANTED'] * 2; print(len(kept), flush=True); signal.pause()"
child = subprocess.Popen(
    [sys.executable, "-c", CHILD, planted], env={**os.environ, "PLANTED": planted}, stdout=subprocess.PIPE
)
child.stdout.readline()

found: dict[str, set[str]] = {name: set() for name in words}
count = {"files": 0, "bytes": 0, "memories": 0}


def look(data: bytes, where: str) -> None:
    count["bytes"] += len(data)
    disguised = data.translate(DISGUISE)
    for name, word in words.items():
        if word in disguised:
            found[name].add(where)


def read_file(path: str, limit: float) -> None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return
    count["files"] += 1
    rest = b""
    try:
        while limit > 0 and (piece := os.read(fd, PIECE)):
            limit -= len(piece)
            # What lies across the border of two pieces counts, too.
            look(rest + piece, path)
            rest = piece[-1024:]
    except OSError:
        pass
    finally:
        os.close(fd)


def read_memory(pid: str) -> None:
    try:
        regions = [line.split() for line in open(f"/proc/{pid}/maps")]
        memory = open(f"/proc/{pid}/mem", "rb", 0)
    except OSError:
        return
    count["memories"] += 1
    with memory:
        for bounds, rights, *_ in regions:
            start, end = (int(bound, 16) for bound in bounds.split("-"))
            for at in range(start, end if "r" in rights else start, PIECE):
                try:
                    memory.seek(at)
                    look(memory.read(min(PIECE + 1024, end - at)), f"/memory/{pid}")
                except (OSError, OverflowError, ValueError):
                    break


signal.alarm(140)
for folder, names, files in os.walk("/"):
    names[:] = [name for name in names if os.path.join(folder, name) not in SKIPPED and not (folder == "/proc" and name == str(os.getpid()))]
    is_pseudo = folder.startswith(PSEUDO)
    look("\0".join([*names, *files]).encode(errors="surrogateescape"), f"/names/{folder}")
    for name in files:
        path = os.path.join(folder, name)
        try:
            kind = os.lstat(path).st_mode
            if stat.S_ISLNK(kind):
                look(os.readlink(path).encode(errors="surrogateescape"), path)
        except OSError:
            continue
        # Memory is read region by region, below; page maps are no text, and without end.
        if stat.S_ISREG(kind) and name not in ("mem", "pagemap", "clear_refs"):
            read_file(path, PSEUDO_BYTES_MAX if is_pseudo else float("inf"))
for pid in filter(str.isdigit, os.listdir("/proc")):
    read_memory(pid)
read_file("/proc/self/environ", PSEUDO_BYTES_MAX)
read_file("/proc/self/cmdline", PSEUDO_BYTES_MAX)

of_child = f"/proc/{child.pid}"
places = {
    "command line": f"{of_child}/cmdline",
    "environment": f"{of_child}/environ",
    "file": "/tmp/planted",
    "memory of a child": f"/memory/{child.pid}",
    "own memory": f"/memory/{os.getpid()}",
}
child.kill()
print("planted by the program itself, found in:", ", ".join(name for name, place in places.items() if place in found["planted"]))
print("secrets that were looked for:", "12 or more" if looked_for >= 12 else looked_for)
print(
    "searched:", "more than 2000 files," if count["files"] > 2000 else f"{count['files']} files,",
    "more than 200 MiB," if count["bytes"] > 200 << 20 else f"{count['bytes']} bytes,", f"memory of {count['memories']} processes",
)  # fmt: skip
del found["planted"]
print("found:", ", ".join(f"{name} in {sorted(places)}" for name, places in found.items() if places) or "nothing")
