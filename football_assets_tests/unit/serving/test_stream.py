"""The stream has no gap and no repeat, says what left and what was taken back, and gives slow clients the latest."""

import asyncio
import json
import random

import pytest

from football_assets.serving.stream.feed import Feed
from football_assets.serving.stream.hub import GONE_S, REPLAY_S, Client, Hub, SnapshotRequired, Wish
from football_assets.serving.stream.outbox import MOST, MOST_MISSED, Outbox, Overflow
from football_assets.serving.stream.overlay import Overlay
from football_assets.serving.stream.talk import ProtocolError, hear

CHANNEL = "soccer.matches"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def match(score, **also):
    return {"match_id": "m", "home_score": score, "competition": "A", "detail_age_s": 1.0, **also}


def follow(hub, **wanted):
    client = Client(Outbox(), lambda: None)
    hub.clients.add(client)
    hear(hub, client, json.dumps({"type": "subscribe", "channel": CHANNEL, **wanted}))
    return client


async def read(client):
    return [json.loads(await client.outbox.get()) for _ in range(len(client.outbox))]


async def test_a_snapshot_comes_first_and_changes_follow_it():
    hub = Hub()
    hub.replace(CHANNEL, {"a": match(0), "b": match(1)})
    client = follow(hub)
    hub.replace(CHANNEL, {"a": match(1), "b": match(1), "c": match(0)})
    told = await read(client)
    assert [each["type"] for each in told] == ["subscribed", "snapshot", "change", "change"]
    assert set(told[1]["values"]) == {"a", "b"}
    assert [(each["key"], each["seq"], each["changed"]) for each in told[2:3]] == [("a", 2, ["home_score"])]
    assert (told[3]["key"], told[3]["seq"]) == ("c", 1)


async def test_a_value_whose_age_alone_moved_is_no_news_but_is_in_the_next_snapshot():
    hub = Hub()
    hub.replace(CHANNEL, {"a": match(0)})
    client = follow(hub)
    await read(client)
    hub.replace(CHANNEL, {"a": match(0, detail_age_s=61.0)})
    assert len(client.outbox) == 0
    assert hub.snapshot(Wish(CHANNEL))["values"]["a"]["data"]["detail_age_s"] == 61.0


async def test_what_leaves_is_retracted_and_goes_on_counting_when_it_comes_back():
    hub = Hub()
    hub.replace(CHANNEL, {"a": match(0)})
    client = follow(hub)
    hub.replace(CHANNEL, {})
    hub.replace(CHANNEL, {"a": match(0)})
    told = await read(client)
    assert [(each["type"], each["seq"]) for each in told[2:]] == [("retraction", 2), ("change", 3)]
    assert told[2]["data"] is None


async def test_the_counts_of_what_left_are_forgotten_after_a_day():
    clock = Clock()
    hub = Hub(clock)
    for day in range(30):
        clock.now = day * (GONE_S + 1)
        hub.replace(CHANNEL, {f"{day}-{n}": match(0) for n in range(10)})
        hub.correct(CHANNEL, f"unknown {day}", {"before": 1, "after": 0})
    assert len(hub._sequences) == 10 + 10 + 1, "of today, of those that left today, and of what is not there"
    hub.replace(CHANNEL, {"29-0": match(0)})
    clock.now += GONE_S - 1
    hub.replace(CHANNEL, {"29-0": match(1), "29-1": match(0)})
    assert hub.snapshot(Wish(CHANNEL))["values"]["29-1"]["seq"] == 3, "it is back in time"


async def test_a_correction_is_told_in_its_place_with_before_and_after():
    hub = Hub()
    hub.replace(CHANNEL, {"a": match(2)})
    client = follow(hub)
    hub.merge(CHANNEL, {"a": match(1)})
    hub.correct(CHANNEL, "a", {"kind": "score fell", "before": "2", "after": "1"})
    told = await read(client)
    assert [(each["type"], each["seq"]) for each in told[2:]] == [("change", 2), ("correction", 3)]
    assert told[3]["data"]["before"] == "2"


async def test_a_filter_shows_what_fits_it_and_the_moment_it_no_longer_does():
    hub = Hub()
    hub.replace(CHANNEL, {"a": match(0), "b": match(0, competition="B")})
    client = follow(hub, where={"competition": ["A"]})
    hub.merge(CHANNEL, {"b": match(1, competition="B"), "a": match(0, competition="C")})
    hub.merge(CHANNEL, {"a": match(5, competition="C")})
    told = await read(client)
    assert set(told[1]["values"]) == {"a"}
    assert [each["key"] for each in told[2:]] == ["a"]


async def test_the_earlier_form_with_a_bare_player_follows_his_projections():
    hub = Hub()
    row = {"player_id": "7", "stat_type": "rushing_yards"}
    hub.replace("ncaaf.props", {"1:7:rushing_yards": row, "1:8:rushing_yards": {**row, "player_id": "8"}})
    client = Client(Outbox(), lambda: None)
    hear(hub, client, '{"type": "subscribe", "player_id": "7"}')
    told = await read(client)
    assert set(told[1]["values"]) == {"1:7:rushing_yards"}


async def test_a_hundred_random_cuts_lose_nothing_and_repeat_nothing():
    rng, hub = random.Random(5), Hub()
    hub.replace(CHANNEL, {str(n): match(0) for n in range(8)})
    values = {str(n): 0 for n in range(8)}
    client = follow(hub)
    (_, snapshot) = await read(client)
    seen = {key: [each["seq"]] for key, each in snapshot["values"].items()}
    state = {key: each["data"]["home_score"] for key, each in snapshot["values"].items()}
    cursor = snapshot["cursor"]
    for _ in range(100):
        for _ in range(rng.randrange(20)):
            key = str(rng.randrange(8))
            values[key] += 1
            hub.merge(CHANNEL, {key: match(values[key])})
        heard = [json.loads(await client.outbox.get()) for _ in range(rng.randrange(len(client.outbox) + 1))]
        hub.clients.discard(client)  # the cut: what waits in the outbox is lost
        for told in [each for each in heard if each["type"] == "change"]:
            seen[told["key"]].append(told["seq"])
            state[told["key"]] = told["data"]["home_score"]
            cursor = told["cursor"]
        hub.merge(CHANNEL, {"0": match(values["0"] + 1)})
        values["0"] += 1
        client = Client(Outbox(most=10_000), lambda: None)
        hub.clients.add(client)
        hear(hub, client, json.dumps({"type": "resume", "channel": CHANNEL, "cursor": cursor}))
        resumed = json.loads(await client.outbox.get())
        assert resumed["type"] == "resumed"
    for told in await read(client):
        seen[told["key"]].append(told["seq"])
        state[told["key"]] = told["data"]["home_score"]
    assert state == values
    for numbers in seen.values():
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


async def test_what_is_older_than_ten_minutes_or_of_another_life_needs_a_snapshot():
    clock = Clock()
    hub = Hub(clock)
    hub.replace(CHANNEL, {"a": match(0)})
    early = hub.cursor
    hub.merge(CHANNEL, {"a": match(1)})
    late = hub.cursor
    clock.now = REPLAY_S + 1
    assert hub.missed(Wish(CHANNEL), late) == []
    for cursor in (early, "other:0", f"{hub.epoch}:99", f"{hub.epoch}:x", "", "nonsense"):
        with pytest.raises(SnapshotRequired):
            hub.missed(Wish(CHANNEL), cursor)


async def test_a_slow_client_gets_the_latest_value_and_is_told_what_it_stands_for():
    hub = Hub()
    hub.replace(CHANNEL, {"a": match(0), "b": match(0)})
    client = Client(Outbox(conflate_from=3), lambda: None)
    hub.clients.add(client)
    client.wishes["x"] = Wish(CHANNEL)
    for score in range(1, 51):
        hub.merge(CHANNEL, {"a": match(score), "b": match(score)})
    told = await read(client)
    assert len(told) < 10
    last = {each["key"]: each for each in told}
    assert {each["data"]["home_score"] for each in last.values()} == {50}
    for key in ("a", "b"):
        upto = 1
        for each in [each for each in told if each["key"] == key]:
            assert each.get("conflated_from", each["seq"]) == upto + 1
            upto = each["seq"]
        assert upto == 51


async def test_a_cut_behind_a_message_that_stands_for_several_loses_nothing_of_the_other_keys():
    hub = Hub()
    hub.replace(CHANNEL, {key: match(0) for key in "abcd"})
    client = Client(Outbox(conflate_from=4), lambda: None)
    hub.clients.add(client)
    client.wishes["x"] = Wish(CHANNEL)
    for score in (1, 2, 3):
        hub.merge(CHANNEL, {key: match(score) for key in "abcd"})
    first = json.loads(await client.outbox.get())
    assert (first["key"], first["seq"], first["conflated_from"]) == ("a", 4, 2)
    seen = {"a": [4], "b": [1], "c": [1], "d": [1]}
    again = Client(Outbox(), lambda: None)
    asked = {"type": "resume", "channel": CHANNEL, "cursor": first["cursor"]}
    hear(hub, again, json.dumps(asked))
    resumed, *missed = await read(again)
    assert (resumed["type"], resumed["replayed"], resumed["cursor"]) == ("resumed", len(missed), first["cursor"])
    for told in missed:
        if told["seq"] > seen[told["key"]][-1]:  # what the one message stood for is told again
            seen[told["key"]].append(told["seq"])
    assert seen == {"a": [4], **{key: [1, 2, 3, 4] for key in "bcd"}}


async def test_what_was_missed_is_replayed_however_much_it_is_and_what_comes_meanwhile_follows():
    hub, dropped = Hub(), []
    hub.replace(CHANNEL, {"a": match(0)})
    cursor = hub.cursor
    hub.merge(CHANNEL, {f"k{number}": match(0) for number in range(3 * MOST)})
    client = Client(Outbox(), lambda: dropped.append(1))
    hub.clients.add(client)
    hear(hub, client, json.dumps({"type": "resume", "channel": CHANNEL, "cursor": cursor}))
    hub.merge(CHANNEL, {"a": match(1)})
    resumed, *told = await read(client)
    assert resumed["replayed"] == 3 * MOST
    assert [each["key"] for each in told] == [*(f"k{number}" for number in range(3 * MOST)), "a"]
    assert not dropped


def test_resuming_again_and_again_without_reading_is_bounded():
    hub = Hub()
    hub.replace(CHANNEL, {"a": match(0)})
    cursor = hub.cursor
    hub.merge(CHANNEL, {f"k{number}": match(0) for number in range(MOST)})
    client = Client(Outbox(), lambda: None)
    with pytest.raises(Overflow):
        for _ in range(MOST_MISSED // MOST + 1):
            hear(hub, client, json.dumps({"type": "resume", "channel": CHANNEL, "cursor": cursor}))


async def test_a_publication_of_thousands_of_changes_closes_no_client_that_reads():
    hub, dropped, heard = Hub(), [], []
    feed = Feed(None, hub, Overlay())
    values = {f"1:{number}:sacks": {"player_id": str(number), "mean": 0.0} for number in range(4 * MOST)}
    hub.replace("ncaaf.props", values)
    quick, still = (Client(Outbox(), lambda name=name: dropped.append(name)) for name in ("quick", "still"))
    for client in (quick, still):
        hub.clients.add(client)
        client.wishes["x"] = Wish("ncaaf.props")

    async def reads():
        while len(heard) < 6 * MOST:
            heard.append(json.loads(await quick.outbox.get()))

    reading = asyncio.create_task(reads())
    moved = {key: {**value, "mean": 1.0} for key, value in list(values.items())[: 2 * MOST]}
    await feed.hand_out("ncaaf.props", {key: {**value, "mean": 1.0} for key, value in values.items()})
    await feed.hand_out("ncaaf.props", moved)
    await asyncio.wait_for(reading, 30)
    assert dropped == ["still"]
    assert [each["type"] for each in heard] == ["change"] * (4 * MOST) + ["retraction"] * (2 * MOST)


async def test_a_correction_is_never_conflated_away():
    hub = Hub()
    hub.replace(CHANNEL, {"a": match(0)})
    client = Client(Outbox(conflate_from=1), lambda: None)
    hub.clients.add(client)
    client.wishes["x"] = Wish(CHANNEL)
    for score in (1, 2):
        hub.merge(CHANNEL, {"a": match(score)})
    hub.correct(CHANNEL, "a", {"kind": "score fell"})
    for score in (3, 4):
        hub.merge(CHANNEL, {"a": match(score)})
    told = await read(client)
    assert [each["type"] for each in told] == ["change", "correction", "change"]
    assert [each["data"].get("home_score") for each in told] == [2, None, 4]


async def test_a_client_with_too_much_waiting_is_dropped_and_the_others_are_not():
    hub, dropped = Hub(), []
    slow = Client(Outbox(), lambda: dropped.append("slow"))
    quick = Client(Outbox(), lambda: dropped.append("quick"))
    hub.clients |= {slow, quick}
    for client in (slow, quick):
        client.wishes["x"] = Wish(CHANNEL)
    for number in range(MOST + 5):
        hub.merge(CHANNEL, {str(number): match(0)})
        await quick.outbox.get()
    assert dropped == ["slow"]
    assert hub.clients == {quick}


def test_an_outbox_is_bounded_for_answers_too():
    box = Outbox(most=1)
    box.put_text("x")
    with pytest.raises(Overflow):
        box.put_text("y")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"type": "shout"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "channel": "no.such"}',
        '{"type": "subscribe", "channel": "system", "more": 1}',
        '{"type": "resume", "channel": "system"}',
        '{"type": "unsubscribe"}',
    ],
)
def test_a_message_nobody_should_send_is_refused(text):
    hub = Hub()
    with pytest.raises(ProtocolError):
        hear(hub, Client(Outbox(), lambda: None), text)


def test_a_connection_has_a_bounded_number_of_subscriptions():
    hub, client = Hub(), Client(Outbox(), lambda: None)
    with pytest.raises(ProtocolError, match="at most"):
        for number in range(60):
            hear(hub, client, json.dumps({"type": "subscribe", "channel": "system", "id": str(number)}))


async def test_unsubscribing_ends_it():
    hub = Hub()
    hub.replace(CHANNEL, {"a": match(0)})
    client = follow(hub)
    hear(hub, client, json.dumps({"type": "unsubscribe", "id": CHANNEL}))
    hub.merge(CHANNEL, {"a": match(1)})
    told = await asyncio.wait_for(read(client), 5)
    assert [each["type"] for each in told] == ["subscribed", "snapshot", "unsubscribed"]
