"""A Redis server for the tests that want one; a test on the file and on the server in turn."""

import pytest

from football_assets.shared_state import close_clients
from football_assets_tests.system.redis_of_its_own import OwnRedis


@pytest.fixture
def own_redis(tmp_path):
    """A Redis server of this test's own, which it may kill."""
    server = OwnRedis(tmp_path).start()
    yield server
    close_clients()
    server.kill()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request, monkeypatch):
    """Configures the file or the server; the test is run on both."""
    monkeypatch.delenv("FOOTBALL_DATABASE_URL", raising=False)
    if request.param == "postgresql":
        monkeypatch.setenv("FOOTBALL_DATABASE_URL", request.getfixturevalue("postgres_url"))
    return request.param
