"""A grader that runs the submission in its own process, with a plan: what leaves early leaves tests that are missing."""

import os

print("1..3")
print("ok 1 - the only one that was run", flush=True)
os._exit(0)
print("after the early exit")
