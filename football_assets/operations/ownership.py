"""Whether this process may start runs: always on one machine, and while it owns the live loop on several."""

import time

from football_assets.leases import SharedLease

LIVE_LOOP = "live-loop"
_LOOK_S = 0.2
_owned: list[SharedLease] = []


def owned_by(lease: SharedLease) -> None:
    """From now on this process starts runs only while it holds `lease`."""
    _owned[:] = [lease]


def wait_until_ours() -> None:
    """Return when this process may start a run: at once on one machine.

    A process that was paused finds here that its lease is over, in the moment before it is replaced.
    """
    while not all(lease.still() for lease in _owned):
        time.sleep(_LOOK_S)
