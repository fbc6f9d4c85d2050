"""The emulators' clock: it can start anywhere in time and run at any speed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class EmulatedClock:
    """A clock that reads `at` when it is set and then runs `speed` seconds for each real one.

    Speed 0 freezes it. `monotonic` returns real seconds and can be replaced in tests.
    """

    def __init__(self, at: datetime, speed: float = 1.0, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self.set(at, speed)

    @property
    def speed(self) -> float:
        """Emulated seconds for each real second."""
        return self._speed

    def set(self, at: datetime, speed: float | None = None) -> None:
        """Jump to the instant `at` (aware) and, when `speed` is given, run at it from now on."""
        if at.tzinfo is None:
            raise ValueError(
                f"setting the emulated clock: {at!r} has no time zone. Give an instant such as 2024-10-05T14:30Z."
            )
        if speed is not None and speed < 0:
            raise ValueError(f"setting the emulated clock: speed {speed} is negative. Use 0 to freeze it.")
        self._at = at.astimezone(UTC)
        self._since = self._monotonic()
        self._speed = speed if speed is not None else getattr(self, "_speed", 1.0)

    def now(self) -> datetime:
        """The emulated instant, UTC."""
        return self._at + timedelta(seconds=(self._monotonic() - self._since) * self._speed)
