"""Memory that C libraries have freed, given back to the machine by a process that goes on for months.

Each call of the code server opens a gRPC channel with threads of its own. Threads that meet get arenas of glibc, up to
eight for each core, and each arena keeps what was freed in it for whoever comes next: nothing is lost, and yet the
process grows by megabytes in a thousand ticks. Two arenas are enough, and what is free in them can be given back.
"""

import ctypes
from contextlib import suppress

ARENAS = 2
_M_ARENA_MAX = -8  # of malloc.h


def keep_few_arenas() -> None:
    """From now on at most `ARENAS`; those that are there stay. Nothing where the C library has none."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Give free pages of every arena back to the machine, which takes a few milliseconds."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
