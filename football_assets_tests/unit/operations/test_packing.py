"""Records are stored small and come back exactly."""

import json
import sqlite3

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from football_assets.operations.packing import BEGINS, MARK, SHORTEST, pack, pack_texts, unpack

RECORD = json.dumps({"__class__": "EventLogEntry", "run_id": "4f" * 18, "message": "né à 90'+3" * 40})


@given(st.text(), st.booleans())
def test_every_text_comes_back_as_it_was(text, like_a_record):
    whole = BEGINS + text if like_a_record else text
    if not whole.startswith(MARK.decode()):
        assert unpack(pack(whole).encode("utf-8", "surrogatepass")) == whole


def test_a_record_is_stored_in_a_fraction_and_anything_else_as_it_is():
    assert pack(RECORD).startswith(MARK.decode())
    assert len(pack(RECORD)) < len(RECORD) / 3
    short = BEGINS + "x" * (SHORTEST - len(BEGINS) - 1)
    for text in (short, "x" * 1000):
        assert pack(text) == text


@pytest.fixture
def engine(tmp_path):
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'texts.db'}")
    pack_texts(engine)
    yield engine
    engine.dispose()


def test_the_file_holds_packed_texts_and_readers_see_none_of_it(engine, tmp_path):
    table = sa.Table("texts", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [{"text": RECORD}, {"text": "plain"}])
        connection.execute(table.insert().values(text=RECORD))
        assert connection.execute(sa.select(table.c.text)).scalars().all() == [RECORD, "plain", RECORD]
    with sqlite3.connect(tmp_path / "texts.db") as plain:
        stored = [text for (text,) in plain.execute("SELECT text FROM texts")]
    plain.close()
    assert [text.startswith(MARK.decode()) for text in stored] == [True, False, True]
