"""Keeps something busy until it is killed."""

import os
import sys


def processors() -> None:
    for _ in range(16):
        if os.fork() == 0:
            break
    while True:
        pass


def sync() -> None:
    fd = os.open("file", os.O_CREAT | os.O_RDWR)
    while True:
        os.pwrite(fd, os.urandom(1 << 20), 0)
        os.fsync(fd)
        os.sync()


def caches() -> None:
    block = bytearray(64 << 20)
    while True:
        for at in range(0, len(block), 64):
            block[at] ^= 1


def processes() -> None:
    while True:
        try:
            if os.fork() == 0:
                os.setsid()
        except OSError:
            pass


{"processors": processors, "sync": sync, "caches": caches, "processes": processes}[sys.argv[1]]()
