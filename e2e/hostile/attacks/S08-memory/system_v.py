"""System V shared memory: it belongs to no process, and outlives whoever made it."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
SIZE = 32 << 20
while True:
    number = libc.shmget(0, SIZE, 0o1600)
    if number < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    ctypes.memset(libc.shmat(number, None, 0), 1, SIZE)
