"""Prints each verdict at once, and no plan: nobody misses what is not there."""

from solution import median

CASES = [("one number", [5], 5), ("odd count", [3, 1, 2], 2), ("even count", [4, 1, 3, 2], 2.5)]

print("TAP version 13")
for number, (name, numbers, expected) in enumerate(CASES, start=1):
    passed = median(numbers) == expected
    print(f"{'ok' if passed else 'not ok'} {number} {name}")
