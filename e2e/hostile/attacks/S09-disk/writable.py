"""Looks at every mount, and for every file and folder that it may write to on any of them."""

import os

NO_DISKS = ("proc", "sysfs", "cgroup", "cgroup2", "devpts")
mounts = {}
for line in open("/proc/self/mountinfo"):
    fields, rest = line.split(" - ")
    mounts[fields.split()[4]] = rest.split()[0]


def size(path: str) -> str:
    found = os.statvfs(path)
    return f" {found.f_blocks * found.f_frsize >> 20} MiB" if found.f_blocks else ""


writable = [
    f"{path} {kind}{size(path)}"
    for path, kind in sorted(mounts.items())
    if kind not in NO_DISKS and os.path.isdir(path) and os.access(path, os.W_OK)
]
print("writable:", ", ".join(writable))

own = ("/proc", "/sys", "/dev", "/tmp", "/work")
elsewhere = []
for folder, names, files in os.walk("/"):
    names[:] = [name for name in names if os.path.join(folder, name) not in own]
    paths = [os.path.join(folder, name) for name in [*names, *files]]
    elsewhere += [path for path in paths if not os.path.islink(path) and os.access(path, os.W_OK)]
print("elsewhere:", ", ".join(elsewhere) or "nothing")
