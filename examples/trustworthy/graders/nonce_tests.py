"""Tests that have to live in the submission's process, as those of a framework do. Each line begins with the nonce."""

import importlib.util
import sys

CASES = {"one number": ([5], 5), "odd count": ([3, 1, 2], 2), "even count": ([4, 1, 3, 2], 2.5)}


def main(submission):
    # Before the submission is imported; nothing else of it stays in this process than what this function holds.
    nonce = sys.stdin.readline().strip()
    spec = importlib.util.spec_from_file_location("solution", submission)
    solution = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(solution)
    for name, (numbers, expected) in CASES.items():
        passed = solution.median(numbers) == expected
        print(f"\n{nonce} {'passed' if passed else 'failed'} {name}", flush=True)
    print(f"\n{nonce} end", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
