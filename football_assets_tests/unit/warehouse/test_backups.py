"""Backups: a world whole in one archive, verified by restoring it, kept as long as the rule says, refused when bad."""

import dataclasses
import io
import json
import sqlite3
import tarfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from football_assets.config import load_settings
from football_assets.errors import ConfigError, StorageError
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import publication
from football_assets.warehouse.backups import making, sealing, snapshot
from football_assets.warehouse.backups.archives import MANIFEST, pack, unpack
from football_assets.warehouse.backups.making import backups, create_backup, fetch, verify
from football_assets.warehouse.backups.retention import kept
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets.warehouse.relations import database_path
from football_assets.whole_files import checksum_of
from football_assets_tests.unit.warehouse.declared import TOYS, ToyGames, ToyMatches, ToyQuotes

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SIMULATED = Source.SIMULATED


@pytest.fixture
def settings(monkeypatch):
    monkeypatch.setattr(publication, "REGISTER", {(t.about().domain, t.table_name()): t for t in TOYS})
    found = load_settings()
    fill(found.folder, 1)
    return found


def fill(home, score):
    lake = Lake(home, SIMULATED)
    at = datetime(2025, 5, 28, 17, 30, tzinfo=UTC)
    rows = [{"match_id": f"m{n}", "home_score": score, "fetched_at": at} for n in range(3)]
    lake.write(ToyMatches, from_rows(ToyMatches, rows))
    lake.write(ToyQuotes, from_rows(ToyQuotes, [{"match_id": "m0"}]))
    lake.write(ToyGames, from_rows(ToyGames, [{"game_id": 1, "season": 2024, "spread": -3.5}]), "2024")
    publish(home, SIMULATED, "soccer")
    publish(home, SIMULATED, "ncaa")


def archive_of(settings, made):
    return settings.folder / "backups" / "simulated" / made.file


class TestOneBackup:
    def test_holds_database_lake_history_models_and_archive_but_no_cache(self, settings, tmp_path):
        world = settings.folder / "simulated"
        (world / "models").mkdir()
        (world / "models" / "m.skops").write_bytes(b"model")
        (world / "cache").mkdir()
        (world / "cache" / "answer.json").write_text("{}")
        (world / "history" / "2025-05-28").mkdir(parents=True)
        with closing(sqlite3.connect(world / "history" / "2025-05-28" / "hot.sqlite")) as log:
            log.execute("PRAGMA journal_mode=WAL")
            log.execute("CREATE TABLE cycles (id INTEGER)")
            log.execute("INSERT INTO cycles VALUES (1)")
            log.commit()
            made = create_backup(settings, SIMULATED)  # while the log is open and its rows are in the WAL
        fetch(settings, made, tmp_path / "out")
        names = {
            path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*") if path.is_file()
        }
        assert {"warehouse.sqlite", "models/m.skops", "history/2025-05-28/hot.sqlite"} <= names
        assert {name for name in names if name.startswith("archive/")}
        assert not {name for name in names if "cache" in name or name.endswith(("-wal", "-shm"))}
        assert made.rows["history/2025-05-28/hot.sqlite:cycles"] == 1
        assert made.rows["warehouse.sqlite:soccer_toy_matches"] == made.rows["lake/soccer/toy_matches.parquet"] == 3
        assert backups(settings, SIMULATED) == [made]
        assert not list(settings.folder.glob(".backup-*"))

    def test_keeps_the_rows_of_its_instant_while_the_world_goes_on(self, settings, tmp_path):
        made = create_backup(settings, SIMULATED)
        fill(settings.folder, 2)
        fetch(settings, made, tmp_path / "out")
        with closing(sqlite3.connect(tmp_path / "out" / "warehouse.sqlite")) as database:
            assert database.execute("SELECT DISTINCT home_score FROM soccer_toy_matches").fetchall() == [(1,)]

    def test_that_does_not_verify_leaves_no_file(self, settings, monkeypatch):
        counts = iter(range(9))
        monkeypatch.setattr(snapshot, "row_counts", lambda _folder: {"rows": next(counts)})
        with pytest.raises(StorageError, match="rows differ"):
            create_backup(settings, SIMULATED)
        assert not [path for path in (settings.folder / "backups").rglob("*") if path.is_file()]

    def test_of_a_world_without_a_database_is_an_error(self, settings):
        with pytest.raises(StorageError, match="does not exist"):
            create_backup(settings, Source.REAL)

    def test_goes_to_an_object_store_by_its_url(self, settings, monkeypatch):
        monkeypatch.setenv("FOOTBALL_BACKUP__URL", "memory://bucket/backups")
        made = create_backup(load_settings(), SIMULATED)
        assert fsspec.filesystem("memory").exists(f"/bucket/backups/simulated/{made.file}")
        verify(load_settings(), made)
        monkeypatch.setenv("FOOTBALL_BACKUP__URL", settings.folder.joinpath("else where").as_uri().replace("%20", " "))
        create_backup(load_settings(), SIMULATED)
        assert len(list(settings.folder.glob("else where/simulated/*.zst"))) == 1

    def test_to_a_store_that_nothing_here_can_speak_to_says_what_to_install(self, settings, monkeypatch):
        monkeypatch.setenv("FOOTBALL_BACKUP__URL", "no-such-store://bucket")
        with pytest.raises(StorageError, match=r"opening no-such-store://bucket/simulated: .* Install"):
            create_backup(load_settings(), SIMULATED)


class TestABadArchiveIsRefused:
    def test_when_it_was_cut_short_or_a_bit_was_flipped(self, settings):
        made = create_backup(settings, SIMULATED)
        path = archive_of(settings, made)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(StorageError, match="checksum differs"):
            verify(settings, made)
        with pytest.raises(StorageError, match="cut short or damaged"):
            verify(settings, dataclasses.replace(made, sha256=checksum_of(path)))
        for place in (len(whole) // 3, len(whole) // 2, len(whole) - 40):
            flipped = bytearray(whole)
            flipped[place] ^= 4
            path.write_bytes(flipped)
            # The bit may belong to the stream, a file, or the archive's own list of rows and instants.
            with pytest.raises(StorageError, match=r"damaged|content of|rows differ in its own list|another backup"):
                verify(settings, dataclasses.replace(made, sha256=checksum_of(path)))

    def test_when_its_manifest_tells_other_rows_or_another_instant(self, settings):
        made = create_backup(settings, SIMULATED)
        with pytest.raises(StorageError, match="rows differ"):
            verify(settings, dataclasses.replace(made, rows={}))
        with pytest.raises(StorageError, match="another backup"):
            verify(settings, dataclasses.replace(made, created_at=NOW.isoformat()))

    @pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "a/../../outside", "a\\..\\outside"])
    def test_when_a_path_leads_outside(self, tmp_path, name):
        bad = self._archive(tmp_path, tarfile.TarInfo(name), listed={name: b""})
        with pytest.raises(StorageError, match="leads outside"):
            unpack(bad, tmp_path / "deep" / "out")
        assert not (tmp_path / "outside").exists()

    def test_when_it_holds_a_link_an_unlisted_file_or_misses_one(self, tmp_path):
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        with pytest.raises(StorageError, match="no plain file"):
            unpack(self._archive(tmp_path, link, listed={"link": b""}), tmp_path / "1")
        with pytest.raises(StorageError, match="not in its list"):
            unpack(self._archive(tmp_path, tarfile.TarInfo("more"), listed={}), tmp_path / "2")
        with pytest.raises(StorageError, match="1 files are missing, 'gone' first"):
            unpack(self._archive(tmp_path, tarfile.TarInfo("a"), listed={"a": b"", "gone": b""}), tmp_path / "3")

    @staticmethod
    def _archive(folder, member, listed):
        (folder / "empty").mkdir(exist_ok=True)
        empty = checksum_of(next(iter(_files(folder / "file"))))
        manifest = json.dumps({"files": {name: {"bytes": 0, "sha256": empty} for name in listed}}).encode()
        path = folder / "bad.tar.zst"
        with pa.output_stream(str(path), compression="zstd") as sink, tarfile.open(fileobj=sink, mode="w|") as tar:
            first = tarfile.TarInfo(MANIFEST)
            first.size = len(manifest)
            tar.addfile(first, io.BytesIO(manifest))
            tar.addfile(member)
        return path

    def test_when_it_is_another_file_altogether(self, tmp_path):
        for content in (b"", b"no archive"):
            (tmp_path / "x.tar.zst").write_bytes(content)
            with pytest.raises(StorageError, match=r"unpacking x\.tar\.zst"):
                unpack(tmp_path / "x.tar.zst", tmp_path / "out")

    def test_but_a_good_one_gives_back_every_byte(self, tmp_path):
        (tmp_path / "in" / "a").mkdir(parents=True)
        (tmp_path / "in" / "a" / "ü 1").write_bytes(bytes(range(256)) * 9000)
        pack(tmp_path / "in", tmp_path / "x.tar.zst", {"rows": {}})
        assert unpack(tmp_path / "x.tar.zst", tmp_path / "out")["rows"] == {}
        assert (tmp_path / "out" / "a" / "ü 1").read_bytes() == bytes(range(256)) * 9000


def _files(path):
    path.write_bytes(b"")
    yield path


class TestEncryption:
    def test_a_key_without_the_library_is_refused_and_nothing_is_written(self, settings, monkeypatch):
        def absent(_name):
            raise ImportError

        monkeypatch.setattr(sealing, "import_module", absent)
        monkeypatch.setenv("FOOTBALL_BACKUP__KEY", "secret words")
        with pytest.raises(ConfigError, match="cryptography") as refused:
            create_backup(load_settings(), SIMULATED)
        assert "secret words" not in str(refused.value)
        assert not (settings.folder / "backups").exists()

    def test_a_sealed_backup_opens_with_its_key_alone(self, settings, monkeypatch, tmp_path):
        pytest.importorskip("cryptography", reason="the library cryptography is not installed")
        monkeypatch.setenv("FOOTBALL_BACKUP__KEY", "secret words")
        sealed = load_settings()
        made = create_backup(sealed, SIMULATED)
        assert made.encrypted
        assert made.file.endswith(".tar.zst.enc")
        fetch(sealed, made, tmp_path / "out")
        with pytest.raises(ConfigError, match="the key it was made with"):
            verify(settings, made)
        monkeypatch.setenv("FOOTBALL_BACKUP__KEY", "other words")
        with pytest.raises(StorageError, match="not the key it was made with"):
            verify(load_settings(), made)

    def test_a_sealed_file_that_was_cut_changed_or_reordered_is_refused(self, tmp_path, monkeypatch):
        pytest.importorskip("cryptography", reason="the library cryptography is not installed")
        monkeypatch.setattr(sealing, "_BLOCK", 64)
        plain, sealed, out = tmp_path / "plain", tmp_path / "sealed", tmp_path / "out"
        plain.write_bytes(bytes(range(256)))
        sealing.encrypt(plain, sealed, "key")
        sealing.decrypt(sealed, out, "key")
        assert out.read_bytes() == plain.read_bytes()
        whole, head, step = sealed.read_bytes(), 18 + 16 + 8, 64 + 16
        swapped = (
            whole[:head] + whole[head + step : head + 2 * step] + whole[head : head + step] + whole[head + 2 * step :]
        )
        changed = (whole[:-step], whole[:-1], whole[:head], whole[: head + 9], swapped, whole[:50] + b"\0" + whole[51:])
        for bad, why in (
            *((each, "changed or cut short") for each in changed),
            *((whole[:size], "it was cut short") for size in (18, 30, head - 1)),
            (b"nothing", "no encrypted backup"),
        ):
            sealed.write_bytes(bad)
            with pytest.raises(StorageError, match=f"decrypting sealed: .*{why}"):
                sealing.decrypt(sealed, out, "key")

    def test_a_disk_that_fails_is_not_told_as_a_wrong_key(self, tmp_path):
        pytest.importorskip("cryptography", reason="the library cryptography is not installed")
        plain, sealed = tmp_path / "plain", tmp_path / "sealed"
        plain.write_bytes(b"content")
        sealing.encrypt(plain, sealed, "key")
        with pytest.raises(StorageError, match="No space left on device"):
            sealing.decrypt(sealed, Path("/dev/full"), "key")


class TestRetention:
    def test_day_30_is_kept_and_day_31_is_gone(self, settings, monkeypatch):
        for days in (31, 30, 0):
            monkeypatch.setattr(making, "now_utc", lambda days=days: NOW - timedelta(days=days))
            create_backup(settings, SIMULATED)
        assert [each.created_at[:10] for each in backups(settings, SIMULATED)] == ["2026-10-23", "2026-11-22"]
        assert len(list((settings.folder / "backups" / "simulated").iterdir())) == 4

    def test_one_a_week_and_one_a_month_stay_on_request(self):
        daily = [NOW - timedelta(days=n) for n in range(400)]
        stay = sorted(kept(daily, NOW, days=6, weeks=4, months=3))
        assert [f"{at:%m-%d}" for at in stay] == [
            "09-30", "10-31", "11-01", "11-08", "11-15", *(f"11-{n}" for n in range(16, 23)),
        ]  # fmt: skip

    @given(st.lists(st.integers(0, 5000), min_size=1), st.integers(1, 60), st.integers(0, 8), st.integers(0, 14))
    def test_every_recent_one_and_the_newest_stay_and_keeping_again_changes_nothing(self, ages, days, weeks, months):
        made = {NOW - timedelta(hours=age) for age in ages}
        stay = kept(made, NOW, days=days, weeks=weeks, months=months)
        assert {max(made), *(at for at in made if NOW - at < timedelta(days=days))} <= stay <= made
        assert kept(stay, NOW, days=days, weeks=weeks, months=months) == stay
        assert len(stay) <= len([at for at in made if NOW - at <= timedelta(days=days + 1)]) + weeks + months + 1


def test_the_database_of_a_backup_is_a_plain_file_that_sqlite_finds_whole(settings, tmp_path):
    fetch(settings, create_backup(settings, SIMULATED), tmp_path / "out")
    with closing(sqlite3.connect(tmp_path / "out" / database_path(settings.folder, SIMULATED).name)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
