"""Has hidden cases, in a file; the submission is the same user, and reads it."""

import json
import subprocess
import sys
from pathlib import Path

CASES = json.loads(Path("cases.json").read_text(encoding="utf-8"))
CALL = "import json, solution, sys; print(json.dumps(solution.median(json.load(sys.stdin))))"


def answer(numbers):
    child = subprocess.run([sys.executable, "-c", CALL], input=json.dumps(numbers), capture_output=True, text=True)
    return child.stdout.strip()


print("TAP version 13")
print(f"1..{len(CASES)}")
for number, case in enumerate(CASES, start=1):
    passed = answer(case["numbers"]) == json.dumps(case["median"])
    print(f"{'ok' if passed else 'not ok'} {number} {case['name']}")
