"""Dagster's daemon where several machines could run it: `... owned_daemon dagster._daemon run -w WORKSPACE`.

One of them owns the live loop by a lease and runs the daemon in this process; the others stand by with everything
imported. Dagster knows no standby: two daemons on one storage would start every schedule twice. An owner that loses
the lease (it was paused, or the Redis is away) starts itself anew at once and stands by; its runs are interrupted and
say so. Nobody starts runs while the Redis is away.
"""

import logging
import os
import sys
import time

from dagster._daemon.cli import run_command

from football_assets.config import load_settings
from football_assets.errors import FootballError
from football_assets.leases import SharedLease, held
from football_assets.operations import ownership
from football_assets.operations.daemon import DAEMON

LOG = logging.getLogger("football_assets.owned_daemon")
POLL_S = 0.5


def main(arguments: list[str]) -> None:
    """Stand by, then run the daemon until it ends or the lease is lost."""
    settings = load_settings()
    if settings.shared_url is None:
        happened = "FOOTBALL_REDIS_URL and FOOTBALL_LAKE_URL, or FOOTBALL_SCALING__EXECUTOR, are not set"
        raise FootballError("standing by for the live loop", happened, "Start dagster-daemon itself.")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    lease = SharedLease(settings.shared_url, ownership.LIVE_LOOP, settings.scaling.lease_s)
    LOG.info("standing by for the live loop")
    while True:
        with held(lease, _start_anew) as is_ours:
            if is_ours:
                LOG.info("owner of the live loop, number %d", lease.fence)
                ownership.owned_by(lease)
                run_command.main(arguments, prog_name="dagster-daemon run", standalone_mode=False)
                return
        time.sleep(POLL_S)


def _start_anew() -> None:
    """Give up everything that this process has begun; the process stays, for who watches it."""
    LOG.warning("lost the live loop")
    logging.shutdown()
    os.execv(sys.executable, [sys.executable, "-m", __spec__.name, *sys.argv[1:]])  # noqa: S606 - itself, as it was started


if __name__ == "__main__":
    main(sys.argv[1 + len(DAEMON) :])
