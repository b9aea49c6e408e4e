"""Prints its plan first, so that nothing can be left out, and each verdict at once; what the submission prints comes between."""

from solution import median

CASES = [("one number", [5], 5), ("odd count", [3, 1, 2], 2), ("even count", [4, 1, 3, 2], 2.5)]

print("TAP version 13")
print(f"1..{len(CASES)}")
for number, (name, numbers, expected) in enumerate(CASES, start=1):
    passed = median(numbers) == expected
    print(f"{'ok' if passed else 'not ok'} {number} {name}")
