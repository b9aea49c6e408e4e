"""Writes where it may not, and then where it may, whatever a later program of the same user could believe."""

import os
import pathlib
import site

TARGETS = [
    "/opt/x", "/usr/bin/x", "/usr/local/bin/sh", "/usr/lib/x", "/etc/x", "/etc/ld.so.preload", "/etc/profile.d/x.sh",
    "/home/orca-grader/.bashrc", "/root/x", "/var/x", "/run/x", "/opt/orca/bin/node", "/etc/hosts", "/etc/resolv.conf",
    "/proc/sys/kernel/core_pattern", "/sys/kernel/uevent_helper",
]  # fmt: skip
WHOLE = ("/etc/ld.so.preload", "/etc/hosts", "/etc/resolv.conf")


def shown(path: str) -> str:
    if path in WHOLE:
        return path
    if path.startswith("/proc/sys"):
        return "/proc/sys"
    return "/sys" if path.startswith("/sys") else os.path.dirname(path)


def attempt(path: str) -> str:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o755))
    except OSError:
        # Read-only or not allowed: which is asked first differs from file to file.
        return "refused"
    return "WRITTEN"


print("write: " + ", ".join(f"{shown(path)} {attempt(path)}" for path in TARGETS))

home = pathlib.Path.home()
planted = {
    ".bashrc": "echo planted by profile",
    ".profile": "echo planted by profile",
    ".bash_env": "echo planted by profile",
    ".npmrc": "script-shell=/tmp/evil",
    ".m2/settings.xml": "<settings><offline>false</offline></settings>",
    ".gitconfig": "[core]\n\tfsmonitor = /tmp/evil\n",
    "bin/ls": "#!/bin/sh\necho planted by profile\n",
    "bin/env": "#!/bin/sh\necho planted by profile\n",
    os.path.relpath(f"{site.getusersitepackages()}/usercustomize.py", home): "print('usercustomize was here')",
}
for name, text in planted.items():
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
print(f"planted {len(planted)} files in $HOME")
