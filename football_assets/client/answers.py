"""What the service answers, as typed values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    import pandas as pd

Data = TypeVar("Data")


class ApiError(Exception):
    """The service refused. `code` is for programs, `detail` says what to do, `status` is HTTP's."""

    def __init__(self, status: int, code: str, detail: str, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.code = code
        self.detail = detail
        self.problem = dict(problem)
        super().__init__(f"{code} ({status}): {detail}")

    @property
    def retry_after_s(self) -> float | None:
        """How long the service asked to wait; None when it did not."""
        found = self.problem.get("retry_after_s")
        return None if found is None else float(found)


@dataclass(frozen=True)
class Meta:
    """What is to be known of data: whose they are, how old, in which state."""

    request_id: str
    served_at: datetime
    data_as_of: datetime | None
    state: str
    age_s: float | None
    sources: tuple[Mapping[str, str], ...]
    quality: Mapping[str, Any] | None
    total: int | None = None
    next_cursor: str | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Meta":
        """From the envelope's `meta`."""
        known = ("request_id", "state", "age_s", "quality", "total", "next_cursor")
        as_of = told.get("data_as_of")
        return cls(
            served_at=datetime.fromisoformat(told["served_at"]),
            data_as_of=None if as_of is None else datetime.fromisoformat(as_of),
            sources=tuple(told.get("sources", ())),
            more={k: v for k, v in told.items() if k not in (*known, "served_at", "data_as_of", "sources")},
            **{name: told.get(name) for name in known},  # type: ignore[arg-type]
        )

    @property
    def worlds(self) -> frozenset[str]:
        """real, recorded or simulated: the worlds the data belong to."""
        return frozenset(each["world"] for each in self.sources)


@dataclass(frozen=True)
class Answer(Generic[Data]):
    """Data and what is to be known of them."""

    data: Data
    meta: Meta

    def to_frame(self) -> "pd.DataFrame":
        """The rows as a data frame: columns ending in `_at` as UTC instants, unknown as null.

        What is to be known of them is in `frame.attrs["meta"]`.
        """
        import pandas as pd

        rows = self.data if isinstance(self.data, list) else [self.data]
        frame = pd.DataFrame(rows).convert_dtypes()
        for name in frame.columns:
            if name.endswith("_at"):
                frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601")
        frame.attrs["meta"] = {"state": self.meta.state, "age_s": self.meta.age_s, "worlds": sorted(self.meta.worlds)}
        return frame
