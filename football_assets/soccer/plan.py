"""What the account's plan does not include, remembered for a day so that it is not asked for in each cycle."""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from football_assets.config import now_utc
from football_assets.whole_files import write_whole

LOG = logging.getLogger(__name__)

FORGOTTEN_AFTER = timedelta(hours=24)


class Plan:
    """The endpoints refused with `URL is not authorized`, in a small file at `path`; delete it to ask again at once.

    `address` is the provider's: what another one refused does not count.
    """

    def __init__(self, path: Path, address: str, *, now: Callable[[], datetime] = now_utc) -> None:
        self._path = path
        self._address = address
        self._now = now
        self._refused_at = self._read()

    def includes(self, endpoint: str) -> bool:
        """Whether an endpoint may be asked: it was not refused within the last day."""
        refused_at = self._refused_at.get(endpoint)
        # A refusal from the future was written by another clock and could otherwise last for ever.
        return refused_at is None or not timedelta(0) <= self._now() - refused_at < FORGOTTEN_AFTER

    def refused(self, endpoint: str) -> None:
        """Remember that an endpoint is not in the plan. A file that cannot be written costs one request a cycle."""
        self._refused_at[endpoint] = self._now()
        kept = {name: at.isoformat() for name, at in self._refused_at.items()}
        try:
            write_whole(self._path, json.dumps({"address": self._address, "refused_at": kept}), durable=False)
        except OSError as error:
            LOG.warning("What the plan lacks could not be written to %s: %s.", self._path, error)

    def _read(self) -> dict[str, datetime]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["address"] != self._address:
                return {}
            found = {str(name): datetime.fromisoformat(at) for name, at in kept["refused_at"].items()}
            return {name: at for name, at in found.items() if at.tzinfo is not None}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            LOG.warning("What the plan lacks is unreadable in %s and is asked anew: %s.", self._path, error)
            return {}
