"""Looks for whatever runs containers, tries to be one, and to leave the one that there is."""

import ctypes
import glob
import os
import shutil
import socket
import stat
import subprocess

SOCKETS = [
    *("/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock"),
    *("/run/crio/crio.sock", "/var/run/cri-dockerd.sock", "/run/buildkit/buildkitd.sock"),
]
TOOLS = {
    "unshare": ["unshare", "--user", "--map-root-user", "id", "-u"],
    "bwrap": ["bwrap", "--dev-bind", "/", "/", "true"],
    "docker": ["docker", "info"],
    "podman": ["podman", "info"],
    "runc": ["runc", "list"],
    "nsenter": ["nsenter", "-t", "1", "-a", "true"],
    "chroot": ["chroot", "/", "true"],
    "mount": ["mount", "-t", "proc", "none", "/tmp"],
}
TOKENS = ["/var/run/secrets", "/run/secrets", "/root/.docker", "/root/.kube", "/root/.aws", "/.dockerenv.secret"]

found = [
    os.path.join(folder, name)
    for folder, _, files in os.walk("/")
    if not folder.startswith(("/proc", "/sys"))
    for name in files
    if stat.S_ISSOCK(os.lstat(os.path.join(folder, name)).st_mode)
]
print("sockets:", ", ".join([*found, *filter(os.path.exists, SOCKETS)]) or "none")

works = [
    name
    for name, command in TOOLS.items()
    if shutil.which(name) and subprocess.run(command, capture_output=True).returncode == 0
]
print("tools that work:", ", ".join(works) or "none")

libc = ctypes.CDLL(None, use_errno=True)
spaces = {"new user namespace": 0x10000000, "new mounts": 0x00020000, "new network": 0x40000000}
print(", ".join(f"{name}: {'refused' if libc.unshare(flag) < 0 else 'DONE'}" for name, flag in spaces.items()))


def reach(host: str, port: int) -> str:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return "unreachable"
    return "REACHED"


print("metadata of clouds:", reach("169.254.169.254", 80) + ", of clusters:", reach("10.96.0.1", 443))
readable = [path for path in TOKENS if os.path.exists(path) and os.access(path, os.R_OK)]
print("tokens:", ", ".join(readable) or "none")
# `core` is a link to what S17 shows to be unreadable, where the kernel has it.
print("devices:", *sorted(set(os.listdir("/dev")) - {"core", "console"}))


def write(pattern: str) -> str:
    for path in glob.glob(pattern):
        try:
            with open(path, "w") as file:
                file.write("a")
            return "DONE"
        except OSError:
            pass
    return "refused"


print(f"release_agent: {write('/sys/fs/cgroup/*/release_agent')}, devices.allow: {write('/sys/fs/cgroup/devices/devices.allow')}")
