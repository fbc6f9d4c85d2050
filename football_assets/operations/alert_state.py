"""What was told and what is still to be told: raised once, resolved once, escalated once. Kept in one file.

`<home>/health/alerts.json` is written whole. Acknowledgements are files of their own beside it, so that whoever
acknowledges waits for nobody.
"""

import json
import re
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from football_assets.errors import ConfigError, FootballError
from football_assets.operations.alert_rules import Finding, Severity
from football_assets.operations.state_files import keep_state
from football_assets.sections import Alerts

STATE, ACKS, DEAD = "alerts.json", "acknowledged", "dead_letters.jsonl"
# A number that swings around its threshold is one alert: it is over when it was gone for so long.
CLEAR_AFTER = timedelta(seconds=60)
KEPT, KEPT_ALERTS, KEPT_MESSAGES = timedelta(days=30), 500, 500
RANK: dict[str, int] = {"warning": 0, "critical": 1, "page": 2}
ID = re.compile(r"[0-9a-f]{8}")

Kind = Literal["raised", "worse", "unacknowledged", "resolved"]


class Alert(BaseModel):
    """Something that is or was wrong."""

    id: str = Field(description="Names the alert; acknowledge it by this")
    key: str = Field(description="Rule and what it is about, such as service_down.daemon")
    severity: Severity = Field(description="The worst it was: warning, critical or page")
    summary: str = Field(description="What is wrong, with the newest numbers")
    to_do: str = Field(description="What to do")
    raised_at: datetime = Field(description="Since when")
    seen_at: datetime = Field(description="When it was last so")
    resolved_at: datetime | None = Field(None, description="When it was over; null while it lasts")
    acknowledged_at: datetime | None = Field(None, description="When somebody said that they look after it")
    acknowledged_by: str | None = Field(None, description="Who")
    escalated_at: datetime | None = Field(None, description="When level 2 was told")


class Delivery(BaseModel):
    """A message on its way to one target."""

    channel: str
    tries: int = 0
    next_try_at: datetime
    delivered_at: datetime | None = None
    dead_at: datetime | None = None
    last_error: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it has still to be delivered."""
        return self.delivered_at is None and self.dead_at is None


class Message(BaseModel):
    """What people are told. `level` 2 goes to those who come after the first."""

    id: str
    alert_id: str
    kind: Kind
    level: Literal[1, 2]
    severity: Severity
    key: str
    at: datetime
    title: str
    text: str
    deliveries: list[Delivery] | None = None


class State(BaseModel):
    """Everything that is kept."""

    alerts: list[Alert] = []
    messages: list[Message] = []

    @property
    def open(self) -> list[Alert]:
        """Those that last, the worst and newest first."""
        lasting = [each for each in self.alerts if each.resolved_at is None]
        return sorted(lasting, key=lambda each: (-RANK[each.severity], -each.raised_at.timestamp()))


def step(state: State, found: Sequence[Finding], now: datetime, rules: Alerts) -> list[Message]:
    """Bring the state up to what was found now; the messages that follow from it, added to the state."""
    lasting = {each.key: each for each in state.open}
    told: list[Message] = []
    for each in found:
        alert = lasting.pop(each.key, None)
        if alert is None:
            alert = Alert(
                id=uuid.uuid4().hex[:8],
                **_about(each),
                key=each.key,
                severity=each.severity,
                raised_at=now,
                seen_at=now,
            )
            state.alerts.append(alert)
            told += _both(alert, "raised", now)
            continue
        alert.summary, alert.to_do, alert.seen_at = each.summary, each.to_do, now
        if RANK[each.severity] > RANK[alert.severity]:
            alert.severity = each.severity
            told += _both(alert, "worse", now)
    for alert in lasting.values():
        if now - alert.seen_at >= CLEAR_AFTER:
            alert.resolved_at = now
            told += [_message(alert, "resolved", 1, now)]
            if alert.escalated_at is not None:
                told += [_message(alert, "resolved", 2, now)]
    for alert in state.open:
        unseen = alert.acknowledged_at is None and alert.escalated_at is None and RANK[alert.severity] > 0
        if unseen and now - alert.raised_at >= timedelta(seconds=rules.level2_after_s):
            alert.escalated_at = now
            told += [_message(alert, "unacknowledged", 2, now)]
    state.messages += told
    _forget(state, now)
    return told


def _about(found: Finding) -> dict[str, str]:
    return {"summary": found.summary, "to_do": found.to_do}


def _both(alert: Alert, kind: Kind, now: datetime) -> list[Message]:
    """The message to the first level; of a page to the second one at once."""
    told = [_message(alert, kind, 1, now)]
    if alert.severity == "page" and alert.escalated_at is None:
        alert.escalated_at = now
        told.append(_message(alert, kind, 2, now))
    return told


def _message(alert: Alert, kind: Kind, level: Literal[1, 2], now: datetime) -> Message:
    lasted_min = round((now - alert.raised_at).total_seconds() / 60)
    title = {
        "raised": f"[{alert.severity}] {alert.summary}",
        "worse": f"[now {alert.severity}] {alert.summary}",
        "unacknowledged": f"[{alert.severity}, nobody answered for {lasted_min} min] {alert.summary}",
        "resolved": f"[resolved after {lasted_min} min] {alert.key}",
    }[kind]
    lines = [alert.summary, f"Since {alert.raised_at:%Y-%m-%d %H:%M:%S} UTC."]
    if kind == "resolved":
        lines = [f"It was: {alert.summary}", f"From {alert.raised_at:%Y-%m-%d %H:%M:%S} to {now:%H:%M:%S} UTC."]
    else:
        lines += [f"What to do: {alert.to_do}", f"To acknowledge: football health alerts ack {alert.id}"]
    return Message(
        id=uuid.uuid4().hex,
        alert_id=alert.id,
        kind=kind,
        level=level,
        severity=alert.severity,
        key=alert.key,
        at=now,
        title=f"football_assets {title}",
        text="\n".join(lines),
    )


def _forget(state: State, now: datetime) -> None:
    """Drop what is long over and what was delivered a day ago."""
    kept = [each for each in state.alerts if each.resolved_at is None or now - each.resolved_at <= KEPT]
    state.alerts = kept[-KEPT_ALERTS:]
    day = timedelta(days=1)
    waiting = [
        each
        for each in state.messages
        if now - each.at <= day or each.deliveries is None or any(to.is_waiting for to in each.deliveries)
    ]
    state.messages = waiting[-KEPT_MESSAGES:]


class AlertBook:
    """The files of a home."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "health"

    def read(self) -> State:
        """The state with every acknowledgement. An unreadable file is put aside and the state starts afresh."""
        file = self.folder / STATE
        try:
            state = State.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            return State()
        except ValidationError:
            with suppress(OSError):
                file.replace(file.with_suffix(".unreadable"))
            return State()
        self.take_acknowledgements(state)
        return state

    def take_acknowledgements(self, state: State) -> None:
        """Note in the state what was acknowledged."""
        for alert in state.alerts:
            with suppress(OSError, ValueError, KeyError):
                told = json.loads((self.folder / ACKS / f"{alert.id}.json").read_text(encoding="utf-8"))
                alert.acknowledged_at = datetime.fromisoformat(told["at"])
                alert.acknowledged_by = str(told["by"])

    def write(self, state: State) -> None:
        """Keep the state; acknowledgements of alerts that are forgotten go. Raises StorageError."""
        keep_state(self.folder / STATE, state.model_dump_json(indent=1))
        known = {each.id for each in state.alerts}
        for file in (self.folder / ACKS).glob("*.json"):
            if file.stem not in known:
                file.unlink(missing_ok=True)

    def acknowledge(self, alert_id: str, by: str, now: datetime) -> Alert:
        """Note that somebody looks after an alert, once. Raises UnknownAlert naming those that last."""
        alert = next((each for each in self.read().alerts if ID.fullmatch(alert_id) and each.id == alert_id), None)
        if alert is None:
            raise UnknownAlert(alert_id, [each.id for each in self.read().open])
        if alert.acknowledged_at is None:
            alert.acknowledged_at, alert.acknowledged_by = now, by
            keep_state(self.folder / ACKS / f"{alert.id}.json", json.dumps({"at": now.isoformat(), "by": by}))
        return alert

    def bury(self, message: Message, delivery: Delivery) -> None:
        """Add a message that could not be delivered to the dead-letter list."""
        line = {
            "at": message.at.isoformat(),
            "channel": delivery.channel,
            "tries": delivery.tries,
            "last_error": delivery.last_error,
            "title": message.title,
            "text": message.text,
        }
        file = self.folder / DEAD
        before = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        keep_state(file, "".join(f"{each}\n" for each in [*before, json.dumps(line)][-KEPT_MESSAGES:]))


class UnknownAlert(ConfigError):
    """There is no such alert."""

    def __init__(self, alert_id: str, there: Sequence[str]) -> None:
        FootballError.__init__(
            self,
            "acknowledging an alert",
            f"there is no alert {alert_id!r}",
            f"There are: {', '.join(there) or 'none'}. `football health alerts` lists them.",
        )
