"""Does not hear that it is over, and goes on printing what looks like a result."""

import signal
import time

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
while True:
    print('{"key": "another", "output": "1..1\\nok 1 - sent after the cancel"}', flush=True)
    time.sleep(0.2)
