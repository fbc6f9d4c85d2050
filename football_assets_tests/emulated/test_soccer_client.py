"""The TheSports client over the real transport, against the emulator and its faults."""

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.recorded_matches import CAPTURED_AT, RecordedMatches
from football_assets.emulators.server import serving
from football_assets.emulators.thesports import thesports_app
from football_assets.errors import SourceChanged, SourceRejected, SourceUnavailable
from football_assets.sections import TheSportsService
from football_assets.soccer.client import Reading, TheSports, judge
from football_assets.soccer.enrichment import read_cycle
from football_assets.states import DataState
from football_assets.transport import Credentials, open_transport

QUICK = TheSportsService(tries=1, timeout_s=20.0)
SHOOT_OUT, TEAM = "jw2r09hkl2p7rz8", "jednm9wh4wdryox"


@asynccontextmanager
async def client(recordings, *faults, cache_dir=None, secret=None):
    clock = EmulatedClock(CAPTURED_AT, 0)
    app = thesports_app(RecordedMatches(recordings), clock, Faults.parse(faults), secret=secret)
    credentials = Credentials(query={"user": "reader", "secret": "open-sesame"})
    async with (
        serving(app) as url,
        open_transport("TheSports", url, QUICK, credentials=credentials, judge=judge, cache_dir=cache_dir) as transport,
    ):
        yield TheSports(transport)


async def test_the_six_calls_give_what_was_recorded(recordings):
    async with client(recordings) as api:
        live = await api.live()
        matches, unnamed = live.value
        assert (len(matches), unnamed, live.served_at) == (102, 0, CAPTURED_AT)
        assert not any(match.gap for match in matches)
        detail = (await api.match(SHOOT_OUT)).value
        assert detail.home_team_id == TEAM
        assert detail.has_ot == 1
        assert (await api.team(TEAM)).value.name == "IFK Mariehamn"
        assert (await api.competition(detail.competition_id)).value.name == "Finland Suomen Cup"
        assert len((await api.countries()).value) == 212
        assert "2" in (await api.odds(SHOOT_OUT)).value


async def test_names_are_cached_and_scores_are_not(recordings, tmp_path):
    async with client(recordings, cache_dir=tmp_path) as api:
        assert (await api.team(TEAM)).state is DataState.LIVE
        assert (await api.team(TEAM)).state is DataState.CACHED
        await api.match(SHOOT_OUT)
        assert (await api.match(SHOOT_OUT)).state is DataState.LIVE
        await api.live()
        assert (await api.live()).state is DataState.LIVE


async def test_an_unknown_match_and_an_unknown_team_are_told_apart_from_failures(recordings):
    async with client(recordings) as api:
        assert (await api.team("nobody")).value is None
        assert (await api.match("nobody")).value is None
        with pytest.raises(SourceRejected, match="HTTP 404"):
            await api.odds("nobody")


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("ip_refused", SourceRejected, "not on the account's whitelist"),
        ("err", SourceRejected, "user and secret were not accepted"),
        ("429=0", SourceUnavailable, "too many requests"),
        ("500", SourceUnavailable, "HTTP 500"),
        ("truncated", SourceUnavailable, "not JSON"),
        ("wrong_types", SourceChanged, "rows with id and score"),
    ],
)
async def test_a_live_list_that_cannot_be_read_says_why(recordings, fault, error, words):
    async with client(recordings, fault) as api:
        with pytest.raises(error, match=words):
            await api.live()


async def test_wrong_credentials_are_refused_with_what_to_check(recordings):
    async with client(recordings, secret="another") as api:
        with pytest.raises(SourceRejected, match="Check THESPORTS_USER and THESPORTS_SECRET"):
            await api.live()


async def test_odds_that_are_not_in_the_plan_leave_everything_else(recordings):
    async with client(recordings, "not_in_plan") as api:
        answers = await read_cycle(api, [SHOOT_OUT, "y0or5jh8l922qwz"], connections=30)
    assert all(isinstance(each, SourceRejected) for each in answers.odds.values())
    assert all(isinstance(each, Reading) for each in (*answers.details.values(), *answers.teams.values()))


async def test_changed_odds_and_names_are_outcomes_of_their_own(recordings):
    async with client(recordings, "wrong_types@odds/history", "wrong_types@team") as api:
        answers = await read_cycle(api, [SHOOT_OUT], connections=30)
    assert isinstance(answers.details[SHOOT_OUT], Reading)
    assert isinstance(answers.competitions["9vjxm8gh92r6odg"], Reading)
    assert all(isinstance(each, SourceChanged) for each in answers.teams.values())


async def test_a_live_list_that_was_garbled_once_is_asked_for_again_and_one_that_stays_so_is_refused(
    recordings, monkeypatch
):
    async with client(recordings) as api:
        whole, asked = api._transport.get, []

        async def garbled(path, **how):
            asked.append(path)
            answer = await whole(path, **how)
            return replace(answer, body={"results": {"id": []}}) if len(asked) < 2 or forever else answer

        monkeypatch.setattr(api._transport, "get", garbled)
        forever = False
        matches, _ = (await api.live()).value
        assert (len(matches), len(asked)) == (102, 2)
        forever = True
        with pytest.raises(SourceChanged):
            await api.live()
        assert len(asked) == 4
