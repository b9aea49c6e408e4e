"""Prints all that a process is given without asking."""

import ctypes
import os
import pwd
import re

AT_EXECFN = 31

print("variables:", *sorted(os.environ))
with open("/proc/self/environ") as file:
    print("at its start:", *sorted(entry.split("=")[0] for entry in file.read().split("\0") if entry))
libc = ctypes.CDLL(None)
libc.getauxval.restype = ctypes.c_char_p
print("program by the kernel:", libc.getauxval(AT_EXECFN).decode())


def leads_to(number: int) -> str:
    target = os.readlink(f"/proc/self/fd/{number}")
    return "a pipe" if re.fullmatch(r"/dev/orca-pipes/\d+|pipe:\[\d+\]", target) else target


# The last one is the listing's own.
numbers = sorted(int(name) for name in os.listdir("/proc/self/fd"))[:-1]
print("descriptors:", ", ".join(f"{number} {leads_to(number)}" for number in numbers))

mask = os.umask(0)
domain = open("/proc/sys/kernel/domainname").read().strip().strip("()")
print(
    f"host name: {os.uname().nodename}; domain: {domain}; user: {pwd.getpwuid(os.getuid()).pw_name}",
    f"{os.getuid()}:{os.getgid()}, groups {os.getgroups() or 'none'}; umask {mask:o}",
)
parent = os.stat(f"/proc/{os.getppid()}").st_uid
print("parent:", "no parent of ours" if parent == 0 else f"of user {parent}")
groups = {line.strip().split(":", 2)[2] for line in open("/proc/self/cgroup")}
print(
    "session:", "of its own;" if os.getsid(0) == os.getpid() else f"of {os.getsid(0)};",
    "control groups", "name no job" if groups <= {"/"} else groups,
)  # fmt: skip
