"""Keys are shown once, kept as hashes, readable by their owner alone, and ranked by scope."""

import json
import stat
from datetime import timedelta

import pytest

from football_assets.config import now_utc
from football_assets.errors import StorageError
from football_assets.serving.keys import FILE, KeyStore


@pytest.fixture
def store(tmp_path):
    return KeyStore(tmp_path)


def test_a_key_is_found_by_its_secret_alone(store):
    key, secret = store.create("notebook", "read")
    assert store.find(secret) == key
    assert store.find(secret[:-1] + ("a" if secret[-1] != "a" else "b")) is None
    assert store.find(f"other_{key.id}_{secret.rpartition('_')[2]}") is None
    assert store.find("") is None
    assert store.find(f"fbk_{key.id}_") is None


def test_the_file_holds_no_secret_and_opens_for_its_owner_only(store, tmp_path):
    _, secret = store.create("bot", "write")
    text = (tmp_path / FILE).read_text()
    assert secret not in text
    assert secret.split("_", 2)[2] not in text
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_two_keys_are_valid_while_one_replaces_the_other(store):
    old, old_secret = store.create("bot", "write")
    _, new_secret = store.create("bot", "write")
    assert store.find(old_secret)
    assert store.find(new_secret)
    store.revoke(old.id)
    assert store.find(old_secret) is None
    assert store.find(new_secret)


def test_a_key_made_or_revoked_by_another_process_counts_at_once(store, tmp_path):
    key, secret = store.create("bot", "read")
    other = KeyStore(tmp_path)
    assert other.find(secret)
    store.revoke(key.id)
    assert other.find(secret) is None


def test_an_expired_key_is_not_valid(store):
    _, secret = store.create("guest", "read", now_utc() - timedelta(seconds=1))
    assert store.find(secret) is None


def test_admin_includes_write_and_write_includes_read(store):
    key, _ = store.create("bot", "write")
    assert [key.allows(scope) for scope in ("read", "write", "admin")] == [True, True, False]


def test_revoking_what_is_not_there_names_what_is(store):
    key, _ = store.create("bot", "read")
    with pytest.raises(StorageError, match=key.id):
        store.revoke("00000000")


def test_a_broken_file_is_an_error_and_lets_nobody_in(store, tmp_path):
    (tmp_path / FILE).write_text(json.dumps([{"id": 1}]))
    with pytest.raises(StorageError, match="API keys"):
        store.find("fbk_1_x")
