"""Who is let in: with keys their owners, without any only this machine, whatever a request says of its host."""

import pytest
from starlette.requests import HTTPConnection

from football_assets.sections import Serving
from football_assets.serving.access import Access
from football_assets.serving.keys import KeyStore
from football_assets.serving.problems import Problem


def asking(client, host="127.0.0.1:8000", **headers):
    told = {"host": host, **headers}
    raw = [(name.encode(), value.encode()) for name, value in told.items()]
    scope = {"type": "http", "scheme": "http", "path": "/v1/health", "query_string": b"", "headers": raw}
    return HTTPConnection({**scope, "client": client and (client, 50_000), "server": ("0.0.0.0", 8000)})


@pytest.fixture
def access(tmp_path):
    return Access(KeyStore(tmp_path), Serving(), tmp_path / "audit.log")


@pytest.mark.parametrize("client", ["127.0.0.1", "127.8.8.8", "::1"])
def test_without_keys_this_machine_is_let_in(access, client):
    assert access.key_of(asking(client)).scope == "admin"


@pytest.mark.parametrize(
    "question",
    [
        asking("10.0.0.7"),
        asking("10.0.0.7", host="localhost:8000"),
        asking(None),
        asking("not an address"),
        asking("127.0.0.1", host="football.example"),
        asking("127.0.0.1", host="testserver"),
        asking("127.0.0.1", origin="http://football.example"),
    ],
)
def test_without_keys_nobody_else_is_not_even_by_a_name_of_this_machine(access, question):
    with pytest.raises(Problem) as caught:
        access.key_of(question)
    assert caught.value.code == "forbidden"


def test_revoking_the_last_key_does_not_open_the_server_to_others(access, tmp_path):
    store = KeyStore(tmp_path)
    key, secret = store.create("bot", "read")
    question = asking("10.0.0.7", host="127.0.0.1", **{"x-api-key": secret})
    assert access.key_of(question) == key
    store.revoke(key.id)
    with pytest.raises(Problem) as caught:
        access.key_of(question)
    assert caught.value.code == "forbidden"
