"""Runs the submission in a process of its own, and has nobody to speak for it when it is killed itself."""

import json
import subprocess
import sys

CASES = [("one number", [5], 5), ("odd count", [3, 1, 2], 2), ("even count", [4, 1, 3, 2], 2.5)]
CALL = "import json, solution, sys; print(json.dumps(solution.median(json.load(sys.stdin))))"


def answer(numbers):
    child = subprocess.run([sys.executable, "-c", CALL], input=json.dumps(numbers), capture_output=True, text=True)
    return child.stdout.strip()


print("TAP version 13")
print(f"1..{len(CASES)}")
for number, (name, numbers, expected) in enumerate(CASES, start=1):
    print(f"{'ok' if answer(numbers) == json.dumps(expected) else 'not ok'} {number} {name}")
