"""What bytes are accepted as an answer, and as what."""

import pytest

from football_assets.transport import JSON, TEXT


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"\xef\xbb\xbfDiv,Date\r\n", "Div,Date\r\n"),
        ("Div,Málaga".encode(), "Div,Málaga"),
        (b"Div,M\xe1laga", "Div,Málaga"),
        (b"Div,\x93quoted\x94", "Div,“quoted”"),
    ],
)
def test_a_text_is_utf_8_with_or_without_its_mark_or_windows_1252(raw, body):
    assert TEXT.read(raw) == body


@pytest.mark.parametrize("raw", [b"", b"\r\n ", b"PK\x03\x04\0\0", b"\x81\x8d"])
def test_nothing_and_binary_content_are_no_text(raw):
    with pytest.raises(ValueError):
        TEXT.read(raw)


@pytest.mark.parametrize("raw", [b"", b"<html>", b'{"a": NaN}', b"[" * 100_000])
def test_what_strict_json_does_not_allow_is_no_json(raw):
    with pytest.raises(ValueError):
        JSON.read(raw)
