"""The errors this platform raises.

FootballError
├─ SourceError            a provider could not give what was asked
│  ├─ SourceUnavailable   network, 5xx, 429, deadline: a retry may clear it
│  ├─ SourceRejected      401/403, address not authorised, not in plan, 400: a retry cannot clear it
│  └─ SourceChanged       the answer no longer fits the contract
├─ DataError              a table breaks its rules
├─ ConfigError            a setting is missing or wrong
├─ QuotaExceeded          the plan's calls are used up
└─ StorageError           something could not be written or read back

Each reads as one line: *what we were doing: what happened. what to do.*
"""

from datetime import datetime


class FootballError(Exception):
    """Something a person has to know: what we were doing, what happened, what to do."""

    def __init__(self, doing: str, happened: str, to_do: str) -> None:
        self.doing = doing
        self.happened = happened
        self.to_do = to_do
        super().__init__(f"{doing}: {happened}. {to_do}")


class SourceError(FootballError):
    """A provider could not give what was asked."""

    retryable = False

    def __init__(self, source: str, doing: str, happened: str, to_do: str) -> None:
        self.source = source
        super().__init__(f"{source}: {doing}", happened, to_do)


class SourceUnavailable(SourceError):
    """Network, 5xx, 429 or a deadline: another try may clear it.

    `retry_after_s` is what the provider asked us to wait, when it did.
    """

    retryable = True

    def __init__(
        self,
        source: str,
        doing: str,
        happened: str,
        to_do: str = "Retrying may clear this.",
        *,
        retry_after_s: float | None = None,
    ) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(source, doing, happened, to_do)


class SourceRejected(SourceError):
    """Wrong credentials, address, plan or parameters: retrying cannot clear it."""


class SourceChanged(SourceError):
    """The answer no longer fits the contract. `sample` is redacted before it gets here."""

    def __init__(self, source: str, doing: str, *, field: str, expected: str, got: str, sample: str = "") -> None:
        self.field = field
        self.expected = expected
        self.got = got
        self.sample = sample
        happened = f"`{field}` should be {expected}, got {got}" + (f" (sample: {sample})" if sample else "")
        super().__init__(source, doing, happened, "The provider may have changed its format.")


class DataError(FootballError):
    """A table breaks one of its rules. `rows` holds up to 20 failing rows."""

    def __init__(self, table: str, rule: str, failing: int, rows: list[dict[str, object]], to_do: str) -> None:
        self.table = table
        self.rule = rule
        self.failing = failing
        self.rows = rows
        super().__init__(f"checking {table}", f"{failing} rows break the rule {rule!r}", to_do)


class ConfigError(FootballError):
    """A setting is missing or wrong: its path, value, what is allowed, where it came from."""

    def __init__(self, key: str, *, value: object, allowed: str, origin: str) -> None:
        self.key = key
        self.value = value
        self.allowed = allowed
        self.origin = origin
        super().__init__(f"reading the setting {key}", f"got {value!r} from {origin}", f"Allowed: {allowed}.")


class QuotaExceeded(FootballError):
    """Asking would exceed the plan."""

    def __init__(self, doing: str, *, used: int, limit: int, resets_at: datetime) -> None:
        self.used = used
        self.limit = limit
        self.resets_at = resets_at
        happened = f"{used} of {limit} calls are used"
        super().__init__(doing, happened, f"The quota resets at {resets_at.isoformat()}.")


class StorageError(FootballError):
    """Something could not be written or read back; `to_do` says what is kept."""
