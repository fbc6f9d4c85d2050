"""Secrets never show, however they are written."""

import logging
from urllib.parse import quote, quote_plus

import pytest

from football_assets.errors import ConfigError
from football_assets.transport import Credentials, RedactingFilter, redact

SECRET = 'kä"n4/r+1 %&\\'


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        quote(SECRET, safe="").lower(),
        repr(SECRET)[1:-1],
        ascii(SECRET)[1:-1],
        'kä\\"n4/r+1 %&\\\\',
        "k%C3%A4%22n4/r%2B1+%&%5c",
    ],
)
def test_a_secret_is_masked_in_every_spelling(written):
    assert redact(f"GET /x?secret={written}&uuid=7", [SECRET]) == "GET /x?secret=***&uuid=7"


def test_the_longer_of_two_secrets_wins():
    assert redact("Bearer abcdef and abcdef", ["abcdef", "Bearer abcdef"]) == "*** and ***"


def test_a_short_secret_does_not_eat_letters_out_of_words():
    assert redact("user=me: reading the meetings of me", ["me"]) == "user=***: reading the meetings of ***"


def test_text_without_secrets_is_left_alone():
    assert redact("reading odds", []) == redact("reading odds", [""]) == "reading odds"


def test_credentials_show_names_and_no_values():
    credentials = Credentials(query={"user": "ann1234"}, headers={"Authorization": "Bearer canary-77"})
    assert repr(credentials) == str(credentials) == "Credentials(user=********, Authorization=********)"
    assert set(credentials.secrets) == {"ann1234", "Bearer canary-77", "canary-77"}


def test_a_key_pasted_with_its_line_break_is_refused_without_showing_it():
    with pytest.raises(ConfigError, match="look for a line break") as caught:
        Credentials(headers={"Authorization": "Bearer canary-77\n"})
    assert "canary" not in str(caught.value)


def test_log_records_pass_masked_with_their_tracebacks(caplog):
    logger = logging.getLogger("redaction-test")
    cleaner = RedactingFilter(["canary-77"])
    logger.addFilter(cleaner)
    try:
        raise ValueError("at /x?key=canary-77")
    except ValueError:
        logger.exception("failed for %s", "canary%2D77", stack_info=True)
    finally:
        logger.removeFilter(cleaner)
    assert "failed for ***" in caplog.text
    assert "ValueError: at /x?key=***" in caplog.text
    assert "canary" not in caplog.text
