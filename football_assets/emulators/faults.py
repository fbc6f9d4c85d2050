"""What can go wrong on purpose: a set of switchable faults and what each does to an answer.

A fault is written `NAME[@PATH][=VALUE]`: `latency=240:80`, `500=0.1`, `hang@odds/history`. PATH is a path below the
provider's base or its first parts (`odds`); without it every path is hit. Chance is reproducible: whether a request
is hit depends on the seed, the request and how often it was asked, never on the order in which requests arrive.
"""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

from football_assets.errors import ConfigError


def _share(text: str | None) -> tuple[float, ...]:
    share = 1.0 if text is None else float(text)
    if not 0 <= share <= 1:
        raise ValueError
    return (share,)


def _latency(text: str | None) -> tuple[float, ...]:
    parts = tuple(float(part) for part in (text or "").removeprefix("lognormal:").split(":"))
    if len(parts) not in (1, 2) or parts[0] <= 0 or parts[-1] < 0 or not all(map(math.isfinite, parts)):
        raise ValueError
    return parts


def _count(text: str | None) -> tuple[float, ...]:
    count = int(text or "")
    if count < 0:
        raise ValueError
    return (count,)


def _seconds(text: str | None) -> tuple[float, ...]:
    seconds = math.inf if text is None else float(text)
    if not seconds > 0:
        raise ValueError
    return (seconds,)


def _offset(text: str | None) -> tuple[float, ...]:
    seconds = float(text or "")
    if not math.isfinite(seconds):
        raise ValueError
    return (seconds,)


def _nothing(text: str | None) -> tuple[float, ...]:
    if text is not None:
        raise ValueError
    return ()


@dataclass(frozen=True, slots=True)
class _Kind:
    usage: str
    read: Callable[[str | None], tuple[float, ...]]


KINDS: Mapping[str, _Kind] = {
    "latency": _Kind("latency=MS or latency=MEAN:SD (log-normal)", _latency),
    "429": _Kind("429=N (after N requests a minute on a path)", _count),
    "500": _Kind("500[=SHARE]", _share),
    "hang": _Kind("hang[=SECONDS]", _seconds),
    "truncated": _Kind("truncated[=SHARE]", _share),
    "wrong_types": _Kind("wrong_types[=SHARE]", _share),
    "err": _Kind("err", _nothing),
    "empty": _Kind("empty", _nothing),
    "ip_refused": _Kind("ip_refused", _nothing),
    "not_in_plan": _Kind("not_in_plan", _nothing),
    "reset": _Kind("reset[=SHARE]", _share),
    "clock": _Kind("clock=SECONDS (the Date header is off by so many)", _offset),
}
SYNONYMS = {"rate_limit": "429"}
ALLOWED = ", ".join(kind.usage for kind in KINDS.values()) + "; each also as NAME@PATH"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault on `path` and all below it ("" = all paths); `values` are its numbers, see `KINDS`."""

    name: str
    path: str = ""
    values: tuple[float, ...] = ()
    text: str = ""

    @classmethod
    def parse(cls, text: str, *, origin: str = "the list of faults") -> "Fault":
        """Read `NAME[@PATH][=VALUE]`; ConfigError lists what is allowed."""
        target, _, written = text.strip().partition("=")
        value = written if "=" in text else None
        name, _, path = target.partition("@")
        name = SYNONYMS.get(name, name)
        kind = KINDS.get(name)
        if kind is None:
            raise ConfigError("fault", value=text, allowed=ALLOWED, origin=origin)
        try:
            values = kind.read(value)
        except ValueError:
            raise ConfigError(f"fault {name}", value=text, allowed=kind.usage, origin=origin) from None
        return cls(name, path.strip("/"), values, text.strip())


@dataclass(frozen=True, slots=True)
class Faults:
    """The faults that are switched on; `Faults()` is a healthy provider."""

    switched_on: tuple[Fault, ...] = ()
    seed: int = 0
    _by_name: Mapping[str, tuple[Fault, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The longest path comes first, so that `500@odds` can be overruled by `500@odds/history=0.1`.
        ordered = sorted(self.switched_on, key=lambda fault: -len(fault.path))
        names = {fault.name for fault in ordered}
        by_name = {name: tuple(fault for fault in ordered if fault.name == name) for name in names}
        object.__setattr__(self, "_by_name", by_name)

    @classmethod
    def parse(cls, texts: Iterable[str], *, seed: int = 0, origin: str = "the list of faults") -> "Faults":
        """Read a list of `NAME[@PATH][=VALUE]`; a wrong one raises ConfigError listing what is allowed."""
        return cls(tuple(Fault.parse(text, origin=origin) for text in texts), seed)

    def find(self, name: str, path: str) -> Fault | None:
        """The fault of this name that covers `path`, the one with the longest path of several."""
        for fault in self._by_name.get(name, ()):
            if not fault.path or path == fault.path or path.startswith(f"{fault.path}/"):
                return fault
        return None

    def hits(self, name: str, path: str, request: str, nth: int) -> bool:
        """Whether the fault strikes this request, asked for the `nth` time."""
        fault = self.find(name, path)
        if fault is None:
            return False
        return not fault.values or self._chance(name, request, nth) < fault.values[0]

    def latency_s(self, path: str, request: str, nth: int) -> float:
        """How long this answer is held back, in seconds; MEAN and SD are those of the log-normal itself."""
        fault = self.find("latency", path)
        if fault is None:
            return 0.0
        mean_ms, deviation_ms = (*fault.values, 0.0)[:2]
        if deviation_ms == 0:
            return mean_ms / 1000
        variance = math.log1p((deviation_ms / mean_ms) ** 2)
        chance = min(max(self._chance("latency", request, nth), 1e-9), 1 - 1e-9)
        return math.exp(NormalDist(math.log(mean_ms) - variance / 2, math.sqrt(variance)).inv_cdf(chance)) / 1000

    def _chance(self, name: str, request: str, nth: int) -> float:
        """A number in [0, 1) that this seed, fault, request and repetition always give."""
        words = f"{self.seed}\0{name}\0{request}\0{nth}".encode()
        return int.from_bytes(hashlib.blake2b(words, digest_size=7).digest()) / 2**56


def emptied(body: bytes) -> bytes:
    """The JSON answer with nothing in it: envelope kept, `results` and lists emptied, totals 0."""
    answer = json.loads(body)
    if isinstance(answer, list):
        return b"[]"
    if isinstance(answer, dict) and "results" in answer:
        answer["results"] = type(answer["results"])()
        if "total" in (answer.get("query") or {}):
            answer["query"]["total"] = 0
        return json.dumps(answer).encode()
    return body


def retyped(body: bytes) -> bytes:
    """The JSON answer with every value of another type (numbers become objects, texts lists); envelope kept."""
    answer = json.loads(body)
    if isinstance(answer, dict) and "results" in answer:
        return json.dumps({**answer, "results": _retyped(answer["results"])}).encode()
    return json.dumps(_retyped(answer)).encode()


def truncated(body: bytes) -> bytes:
    """The first half of the body: never valid JSON for an object or array."""
    return body[: len(body) // 2]


def _retyped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _retyped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_retyped(item) for item in value]
    if isinstance(value, str):
        return [value]
    return {"value": value}
