"""Memory that C libraries have freed, given back to the machine by a process that goes on for months.

Each call of the code server opens a gRPC channel with threads of its own. Threads that meet get arenas of glibc, up to
eight for each core, and each arena keeps what was freed in it for whoever comes next: nothing is lost, and yet the
process grows by megabytes in a thousand ticks. Two arenas are enough, and what is free in them can be given back.
The description of the whole code location, megabytes read again each minute, would leave its holes there too: glibc
learns from the first such text to take the next from an arena, unless it is told how large one is that stands alone.
"""

import ctypes
from contextlib import suppress

ARENAS, ALONE_BYTES = 2, 131_072
# The same for a process that is started: the code server, whose own command leaves no other moment for it.
FEW_ARENAS = {"MALLOC_ARENA_MAX": str(ARENAS), "MALLOC_MMAP_THRESHOLD_": str(ALONE_BYTES)}
_M_ARENA_MAX, _M_MMAP_THRESHOLD = -8, -3  # of malloc.h


def keep_few_arenas() -> None:
    """From now on at most `ARENAS`, those that are there stay, and nothing large in them; glibc alone knows of it."""
    with suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, ARENAS)
        library.mallopt(_M_MMAP_THRESHOLD, ALONE_BYTES)


def give_back() -> None:
    """Give free pages of every arena back to the machine, which takes a few milliseconds."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
