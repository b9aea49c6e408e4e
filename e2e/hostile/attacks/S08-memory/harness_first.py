"""Many processes, each smaller than the harness, that make themselves as precious as it: the kernel may take the harness."""

import os
import signal

STEP = 1 << 20
STEPS_MAX = 8
for _ in range(60):
    if os.fork() == 0:
        break
with open("/proc/self/oom_score_adj", "w") as file:
    file.write("0")
held = []
for _ in range(STEPS_MAX):
    held.append(b"x" * STEP)
    signal.sigtimedwait([], 0.1)
while True:
    signal.sigtimedwait([], 1)
