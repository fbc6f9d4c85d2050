"""Where messages go: Apprise addresses (e-mail, Slack, and what else it knows) and one signed webhook.

Addresses hold passwords: nothing here logs, raises or stores one. A channel is named by its setting and its kind.
"""

import hashlib
import hmac
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import SecretStr

from football_assets.operations.alert_state import AlertBook, Delivery, Message, State
from football_assets.providers import run_async
from football_assets.sections import Notifications

LOG = logging.getLogger(__name__)
LIMIT_S = 10.0
TRIES = 8
FIRST_WAIT_S = 10.0  # then twice as long each time: 21 minutes in all
OK = range(200, 300)


class Undelivered(Exception):
    """A target did not take a message; the reason names no address."""


class Channel(Protocol):
    """One target."""

    @property
    def name(self) -> str:
        """Its setting and its kind."""

    @property
    def level(self) -> int:
        """1, or 2 for those who come after the first."""

    def send(self, message: Message) -> None:
        """Deliver a message. Raises Undelivered."""


@dataclass(frozen=True)
class AppriseChannel:
    """An Apprise address."""

    name: str
    level: int
    address: SecretStr

    def send(self, message: Message) -> None:
        """Deliver a message. Raises Undelivered."""
        try:
            taken = self._notify(message)
        except Exception as error:  # noqa: BLE001 - of 170 services; one that breaks must not keep the others waiting
            raise Undelivered(type(error).__name__) from None
        if not taken:
            raise Undelivered("the target did not take it")

    def _notify(self, message: Message) -> bool:
        import apprise

        kinds = {"resolved": apprise.NotifyType.SUCCESS, "raised": apprise.NotifyType.FAILURE}
        target = apprise.Apprise()
        # What Apprise logs of a failure may name the address; ours names the setting.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        if not target.add(self.address.get_secret_value()):
            return False
        kind = kinds.get(message.kind, apprise.NotifyType.WARNING)
        return bool(target.notify(body=message.text, title=message.title, notify_type=kind))


@dataclass(frozen=True)
class SignedWebhook:
    """A URL that gets JSON. `X-Football-Signature` is `sha256=` and the HMAC of `timestamp.body`.

    The timestamp is `X-Football-Timestamp`, seconds; `X-Football-Message` names the message, the same in each try.
    """

    name: str
    level: int
    url: SecretStr
    secret: SecretStr

    def send(self, message: Message) -> None:
        """Deliver a message. Raises Undelivered."""
        run_async(self._post(message))

    async def _post(self, message: Message) -> None:
        import aiohttp

        body = json.dumps(message.model_dump(mode="json", exclude={"deliveries"})).encode()
        stamp = str(int(message.at.timestamp()))
        headers = {
            "Content-Type": "application/json",
            "X-Football-Message": message.id,
            "X-Football-Timestamp": stamp,
            "X-Football-Signature": signature(self.secret.get_secret_value(), stamp, body),
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LIMIT_S)) as session,
                session.post(self.url.get_secret_value(), data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Undelivered(type(error).__name__) from None
        if status not in OK:
            raise Undelivered(f"HTTP {status}")


def signature(secret: str, stamp: str, body: bytes) -> str:
    """What `X-Football-Signature` has to be."""
    return "sha256=" + hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def channels(settings: Notifications) -> list[Channel]:
    """Every target that is set; the webhook and, without any of its own, the second level take the first's."""
    found: list[Channel] = []
    for level, setting in ((1, "targets"), (2, "level2_targets")):
        named: Sequence[SecretStr] = getattr(settings, setting)
        if level == 2 and not named:
            setting, named = "targets", settings.targets
        for number, address in enumerate(named):
            scheme = address.get_secret_value().partition(":")[0]
            kind = scheme if scheme.isalnum() else "unknown"
            found.append(AppriseChannel(f"notifications.{setting}.{number} ({kind})", level, address))
        if settings.webhook_url is not None and settings.webhook_secret is not None:
            webhook = SignedWebhook("notifications.webhook_url", level, settings.webhook_url, settings.webhook_secret)
            found.append(webhook)
    return found


def deliver(state: State, to: Sequence[Channel], book: AlertBook, now: datetime) -> int:
    """Send what is due, each message once to each target of its level; how many were taken.

    What is not taken is tried again, ever more rarely; after the last try it goes to the dead-letter list.
    """
    taken = 0
    for message in state.messages:
        there = {each.name: each for each in to if each.level == message.level}
        if message.deliveries is None:
            message.deliveries = [Delivery(channel=name, next_try_at=now) for name in there]
        for delivery in message.deliveries:
            if delivery.is_waiting and delivery.next_try_at <= now:
                taken += _try(message, delivery, there.get(delivery.channel), book, now)
    return taken


def _try(message: Message, delivery: Delivery, channel: Channel | None, book: AlertBook, now: datetime) -> bool:
    delivery.tries += 1
    try:
        if channel is None:
            raise Undelivered("the target is no longer set")
        channel.send(message)
    except Undelivered as error:
        delivery.last_error = str(error)
        delivery.next_try_at = now + timedelta(seconds=FIRST_WAIT_S * 2 ** (delivery.tries - 1))
        if delivery.tries >= TRIES or channel is None:
            delivery.dead_at = now
            book.bury(message, delivery)
        LOG.warning("%s did not take a message, try %d: %s", delivery.channel, delivery.tries, delivery.last_error)
        return False
    delivery.delivered_at = now
    return True
