"""What goes over the stream. Every message about a value carries its place in the stream.

`epoch` names one life of the server; `seq` counts the messages of one channel and key without a gap; `cursor` is the
place in the whole stream, with which a client resumes.
"""

from dataclasses import dataclass
from typing import Any, Literal

from football_assets.serving.rows import to_bytes

Kind = Literal["change", "correction", "retraction"]


@dataclass(frozen=True)
class Message:
    """One thing that happened to one key of a channel. `before` is the value that `data` replaces."""

    kind: Kind
    channel: str
    key: str
    seq: int
    number: int
    epoch: str
    at: str
    data: dict[str, Any] | None
    before: dict[str, Any] | None
    changed: tuple[str, ...] = ()

    @property
    def cursor(self) -> str:
        """The place in the whole stream."""
        return f"{self.epoch}:{self.number}"

    def body(self, first: "Message | None" = None) -> bytes:
        """As JSON. `first` is the first of those that this message stands for.

        The cursor is then that of the first: messages of other keys may still wait between the two, and who resumes
        there gets them.
        """
        told: dict[str, Any] = {
            "type": self.kind,
            "channel": self.channel,
            "key": self.key,
            "epoch": self.epoch,
            "seq": self.seq,
            "cursor": (first or self).cursor,
            "at": self.at,
            "changed": list(self.changed),
            "data": self.data,
        }
        if first is not None:
            told["conflated_from"] = first.seq
        return to_bytes(told)


@dataclass
class Written:
    """A message that is serialized once for all who get it."""

    message: Message
    text: str | None = None

    def as_text(self) -> str:
        """The JSON text."""
        if self.text is None:
            self.text = self.message.body().decode()
        return self.text
