"""Files in memory, of no file system that has a size."""

import os

held = []
while True:
    held.append(os.memfd_create("hog"))
    os.write(held[-1], b"x" * (32 << 20))
