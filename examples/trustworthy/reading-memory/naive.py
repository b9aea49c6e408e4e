"""Deletes the file with the hidden cases once it has read it; what it has read is in its memory all the same.

With --private, as private.json has it, its memory is nobody else's to read, and it is fooled no more.
"""

import ctypes
import json
import subprocess
import sys
from pathlib import Path

PR_SET_DUMPABLE = 4
if "--private" in sys.argv:
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)

FILE = Path("cases.json")
TEXT = FILE.read_text(encoding="utf-8")
FILE.unlink()
CASES = json.loads(TEXT)
CALL = "import json, solution, sys; print(json.dumps(solution.median(json.load(sys.stdin))))"


def answer(numbers):
    child = subprocess.run([sys.executable, "-c", CALL], input=json.dumps(numbers), capture_output=True, text=True)
    return child.stdout.strip()


print("TAP version 13")
print(f"1..{len(CASES)}")
for number, case in enumerate(CASES, start=1):
    passed = answer(case["numbers"]) == json.dumps(case["median"])
    print(f"{'ok' if passed else 'not ok'} {number} {case['name']}")
