"""What a fault of the drill is, and what came of it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from football_assets.operations.drill.stage import Stage

Need = Literal["redis-server", "postgres", "time-machine", "proc"]
State = Literal["passed", "failed", "not run"]


class NotHere(Exception):
    """This fault cannot be done on this machine."""


@dataclass(frozen=True)
class Fault:
    """One fault: what is done, what is judged, what it needs, about how many seconds it takes."""

    name: str
    done: str
    judged: str
    strike: "Callable[[Stage], Findings]"
    needs: tuple[Need, ...] = ()
    about_s: int = 20


@dataclass
class Findings:
    """What a fault came to.

    Attributes:
        sees: What the user sees while it lasts, word for word.
        kept: What stayed as it was, in figures.
        recovered_s: Seconds from the end of the fault until everything due was published again.
        method: How it was done, where there are several ways.
        broken: Every judge that was not satisfied, in words.
        figures: Further numbers.
    """

    sees: list[str] = field(default_factory=list)
    kept: str = ""
    recovered_s: float | None = None
    method: str = ""
    broken: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)

    def require(self, holds: bool, otherwise: str) -> None:
        """Note a broken promise."""
        if not holds:
            self.broken.append(otherwise)


@dataclass
class Result:
    """A fault as the report tells it. `reason` is why it was not run."""

    name: str
    done: str
    judged: str
    state: State
    seconds: float = 0.0
    reason: str = ""
    findings: Findings = field(default_factory=Findings)

    def about(self) -> dict[str, Any]:
        """As plain JSON types."""
        return asdict(self)
