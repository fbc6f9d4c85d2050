"""One conversation: what a client asks and what it is told, the same over WebSocket and in tests."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from football_assets.serving.rows import to_bytes
from football_assets.serving.stream.channels import CHANNELS
from football_assets.serving.stream.hub import Client, Hub, SnapshotRequired, Wish

KEYS = 5_000
WISHES = 50


class ProtocolError(Exception):
    """A message that no client should send."""


class _Ask(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Wanting(_Ask):
    id: str | None = Field(None, max_length=64)
    channel: str | None = Field(None, max_length=64)
    keys: list[str] | None = Field(None, max_length=KEYS)
    where: dict[str, Any] = Field(default_factory=dict)
    player_id: str | None = Field(None, max_length=64)

    @model_validator(mode="after")
    def _one_channel(self) -> "_Wanting":
        if self.channel is None and self.player_id is None:
            raise ValueError("channel is missing")
        if self.channel is not None and self.channel not in CHANNELS:
            raise ValueError(f"there is no channel {self.channel!r}; there are: {', '.join(CHANNELS)}")
        return self

    def wish(self) -> Wish:
        """What is wanted. A bare `player_id` wants the projections of that player."""
        if self.channel is None:
            return Wish("ncaaf.props", None, {"player_id": self.player_id})
        where = {**self.where, **({"player_id": self.player_id} if self.player_id else {})}
        return Wish(self.channel, None if self.keys is None else frozenset(self.keys), where)

    @property
    def name(self) -> str:
        """The subscription's name: the id given, else the channel."""
        return self.id or self.channel or f"player:{self.player_id}"


class Subscribe(_Wanting):
    """Follow a channel."""

    type: Literal["subscribe"]


class Resume(_Wanting):
    """Follow a channel from where the last connection ended."""

    type: Literal["resume"]
    cursor: str = Field(max_length=64)


class Unsubscribe(_Ask):
    """Follow something no longer."""

    type: Literal["unsubscribe"]
    id: str = Field(max_length=64)


class Ping(_Ask):
    """Ask for a sign of life."""

    type: Literal["ping"]


Asked = Annotated[Subscribe | Resume | Unsubscribe | Ping, Field(discriminator="type")]
_ASKED: TypeAdapter[Subscribe | Resume | Unsubscribe | Ping] = TypeAdapter(Asked)


def hear(hub: Hub, client: Client, text: str | bytes) -> None:
    """Act on what a client says. Raises ProtocolError, or Overflow when the answers find no room."""
    try:
        asked = _ASKED.validate_json(text)
    except ValidationError as error:
        raise ProtocolError(error.errors(include_url=False)[0]["msg"]) from None
    if isinstance(asked, Ping):
        _tell(client, {"type": "pong"})
    elif isinstance(asked, Unsubscribe):
        known = client.wishes.pop(asked.id, None) is not None
        _tell(client, {"type": "unsubscribed", "id": asked.id, "was_subscribed": known})
    else:
        _follow(hub, client, asked)


def _follow(hub: Hub, client: Client, asked: Subscribe | Resume) -> None:
    if len(client.wishes) >= WISHES and asked.name not in client.wishes:
        raise ProtocolError(f"a connection has at most {WISHES} subscriptions")
    wish = asked.wish()
    if wish.channel not in CHANNELS:
        raise ProtocolError(f"there is no channel {wish.channel}: its pipeline is not installed")
    about = {"id": asked.name, "channel": wish.channel, "epoch": hub.epoch}
    if isinstance(asked, Resume):
        try:
            missed = hub.missed(wish, asked.cursor)
        except SnapshotRequired:
            _tell(client, {"type": "snapshot_required", **about, "cursor": hub.cursor})
            return
        # The place where it was cut: should it be cut again before it has read what it missed, it asks from there.
        told = {"type": "resumed", **about, "replayed": len(missed), "cursor": asked.cursor}
        client.outbox.replay(missed, to_bytes(told).decode())
    else:
        _tell(client, {"type": "subscribed", **about, "cursor": hub.cursor})
        _tell(client, {**hub.snapshot(wish), "id": asked.name})
    client.wishes[asked.name] = wish


def _tell(client: Client, told: dict[str, Any]) -> None:
    client.outbox.put_text(to_bytes(told).decode())
