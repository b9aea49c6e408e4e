"""Believes what the process prints that the submission runs in."""

from solution import median

CASES = [("one number", [5], 5), ("odd count", [3, 1, 2], 2), ("even count", [4, 1, 3, 2], 2.5)]

verdicts = [(name, median(numbers) == expected) for name, numbers, expected in CASES]
print("TAP version 13")
print(f"1..{len(verdicts)}")
for number, (name, passed) in enumerate(verdicts, start=1):
    print(f"{'ok' if passed else 'not ok'} {number} {name}")
