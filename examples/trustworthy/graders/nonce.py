"""Believes a line only if it begins with a number that nobody could know before, and misses those that do not come.

python3 nonce.py TESTS SUBMISSION
"""

import secrets
import subprocess
import sys

SECONDS_MAX = 10
PLANNED = ["one number", "odd count", "even count"]

nonce = secrets.token_hex(16)
child = subprocess.Popen(
    [sys.executable, *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
)
child.stdin.write(f"{nonce}\n".encode())
child.stdin.close()
said = []
# A line at a time, so that a flood needs no memory; the time limit of the job's command ends one that has no end.
for line in iter(lambda: child.stdout.readline(1024), b""):
    if line.startswith(nonce.encode()):
        said.append(line.decode("utf-8", "replace").strip())
has_ended = child.wait(SECONDS_MAX) == 0 and said[-1:] == [f"{nonce} end"]

print("TAP version 13")
print(f"1..{len(PLANNED)}")
for number, name in enumerate(PLANNED, start=1):
    passed = has_ended and said.count(f"{nonce} passed {name}") == 1 and f"{nonce} failed {name}" not in said
    print(f"{'ok' if passed else 'not ok'} {number} {name}")
