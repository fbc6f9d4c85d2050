"""Which service answers for a pipeline, with which credentials, and which world its data belongs to."""

import os

import pytest

from football_assets import providers
from football_assets.config import load_settings
from football_assets.errors import ConfigError
from football_assets.providers import newest_world, provider, reading_world
from football_assets.states import Source


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(providers, "_known", {})


def test_keys_and_the_official_address_mean_the_real_world(monkeypatch):
    monkeypatch.setenv("THESPORTS_USER", "me")
    monkeypatch.setenv("THESPORTS_SECRET", "canary-1234")
    monkeypatch.setenv("CFBD_API_KEY", "canary-5678")
    soccer, ncaa = provider("soccer", load_settings()), provider("ncaa", load_settings())
    assert soccer.source() is ncaa.source() is Source.REAL
    assert soccer.require_credentials().query == {"user": "me", "secret": "canary-1234"}
    assert ncaa.require_credentials().headers == {"Authorization": "Bearer canary-5678"}
    assert "canary" not in repr(soccer) + repr(ncaa) + repr(soccer.require_credentials())


@pytest.mark.parametrize("domain", ["soccer", "ncaa"])
def test_without_a_key_the_real_service_is_not_called_and_the_error_says_what_to_set(domain):
    with pytest.raises(ConfigError, match=r"THESPORTS_USER and THESPORTS_SECRET|CFBD_API_KEY"):
        provider(domain, load_settings()).require_credentials()


def test_half_a_pair_of_credentials_is_none(monkeypatch):
    monkeypatch.setenv("THESPORTS_USER", "me")
    with pytest.raises(ConfigError):
        provider("soccer", load_settings()).require_credentials()


def test_an_emulator_on_loopback_needs_no_key_but_another_host_does(monkeypatch):
    monkeypatch.setenv("FOOTBALL_CFBD_URL", "http://127.0.0.1:9/")
    assert provider("ncaa", load_settings()).require_credentials().headers
    monkeypatch.setenv("FOOTBALL_CFBD_URL", "https://proxy.example")
    with pytest.raises(ConfigError):
        provider("ncaa", load_settings()).require_credentials()


def test_the_world_of_a_custom_address_is_asked_once(monkeypatch):
    asked = []

    async def probe(url):
        asked.append(url)
        return Source.RECORDED

    monkeypatch.setattr(providers, "probe_source", probe)
    monkeypatch.setenv("FOOTBALL_THESPORTS_URL", "http://127.0.0.1:9/v1/football")
    found = provider("soccer", load_settings())
    assert [found.source(), found.source()] == [Source.RECORDED] * 2
    assert asked == ["http://127.0.0.1:9/v1/football"]


def test_readers_see_the_real_world_with_keys_and_else_the_newest(monkeypatch, tmp_path):
    settings = load_settings()
    assert reading_world(settings, "ncaa") is None
    for world in (Source.SIMULATED, Source.RECORDED):
        file = settings.folder / world.value / "lake" / "ncaa" / "games" / "2024.parquet"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
    older = settings.folder / "simulated" / "lake" / "ncaa" / "games" / "2024.parquet"
    os.utime(older, (1, 1))
    assert newest_world(settings.folder, "ncaa") is Source.RECORDED
    assert reading_world(settings, "ncaa") is Source.RECORDED
    assert reading_world(settings, "soccer") is None
    assert reading_world(settings, "ncaa", Source.SIMULATED) is Source.SIMULATED
    monkeypatch.setenv("CFBD_API_KEY", "k")
    assert reading_world(load_settings(), "ncaa") is Source.REAL
