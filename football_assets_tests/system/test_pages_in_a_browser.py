"""The pages in a real browser: what they show, that they follow publications, and that nothing leaves this machine."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import timedelta

import pandas as pd
import pytest

from football_assets.ages import age_words
from football_assets.config import now_utc
from football_assets.operations.alert_state import Alert, AlertBook, State
from football_assets.serving.keys import KeyStore
from football_assets.soccer.changelog import append, history_folder
from football_assets.soccer.changes import LOGGED
from football_assets.soccer.match_predictions import match_predictions, match_rows
from football_assets.soccer.odds import QUOTES_SCHEMA
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.soccer.team_links import Identified
from football_assets.tables import from_rows, to_arrow
from football_assets_tests.emulated.served import AT, match, put, soccer_rows, world

LIMIT_S, START_S = 60, 180
WEIGHT_BYTES = 3_000_000
PATHS = (
    "/",
    "/match/m001",
    "/ncaa",
    "/ncaa/rankings",
    "/players",
    "/players/7",
    "/props",
    "/operations",
    "/playground",
)


def browser_path():
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None


@pytest.fixture(scope="module")
def home(tmp_path_factory, module_databases):
    return tmp_path_factory.mktemp("browser") / "home"


@pytest.fixture(scope="module")
def address(home):
    """A serving process over a small published world."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(home))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        world()
        remember(home)
        with serving() as url:
            yield url


@contextmanager
def serving():
    """A serving process of the home in the environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "football_assets.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONWARNINGS": "ignore"}) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, server)
            yield url
        finally:
            server.terminate()


def remember(home):
    """Three kept cycles of a match with prices: the second shows a goal, the third comes after a gap."""
    for minute, goals, price in ((10, 0, 2.0), (11, 1, 1.5), (31, 1, 1.4)):
        at = AT + timedelta(minutes=minute)
        prices = {"home": price, "draw": 3.2, "away": 4.5}
        row = match(1, status_id=2, minute=minute, minute_text=str(minute), home_score=goals, fetched_at=at)
        row |= {f"moneyline_{side}_decimal": each for side, each in prices.items()}
        row |= {"moneyline_state": "open", "moneyline_at_other_score": False}
        tables = {name: to_arrow(table, from_rows(table, [])) for name, table in LOGGED.items()}
        shown = from_rows(FlattenedMatches, [row])
        said = match_predictions(match_rows(shown), "no model is kept yet", Identified({}, {}, pd.DataFrame()))
        tables["flattened_matches"] = to_arrow(FlattenedMatches, shown)
        tables["match_predictions"] = to_arrow(MatchPredictions, said)
        append(history_folder(home, "simulated"), tables, QUOTES_SCHEMA.empty_table(), at)


def _wait(url, server):
    deadline = time.monotonic() + START_S
    while True:
        assert server.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not answer"
        try:
            with urllib.request.urlopen(f"{url}/health/live", timeout=2):
                return
        except OSError:
            time.sleep(0.2)


@pytest.fixture(scope="module")
def browser():
    path = browser_path()
    if path is None:
        pytest.skip("no Chromium is installed (apt-get install chromium), so the pages were not seen in a browser")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield made
        made.close()


class Visit:
    """A page that notes what it loads and what goes wrong in it."""

    def __init__(self, browser, address, **view):
        self.page = browser.new_page(**view)
        self.address, self.wrong, self.bytes, self.foreign = address, [], 0, []
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._note)
        self.page.on("response", self._weigh)

    def _note(self, request):
        if not request.url.startswith((self.address, self.address.replace("http", "ws"), "data:", "blob:")):
            self.foreign.append(request.url)

    def _weigh(self, response):
        self.bytes += int(response.headers.get("content-length", 0))

    def open(self, path):
        self.page.goto(self.address + path, wait_until="networkidle")
        return self.page


@contextmanager
def visiting(browser, address, **view):
    visit = Visit(browser, address, **view)
    try:
        yield visit
    finally:
        visit.page.close()


@pytest.mark.parametrize("path", PATHS)
def test_a_page_works_without_an_error_and_without_the_outside(browser, address, path):
    with visiting(browser, address) as visit:
        page = visit.open(path)
        assert page.locator("h1").count() == 1
        assert visit.wrong == []
        assert visit.foreign == []
        assert visit.bytes < WEIGHT_BYTES


@pytest.mark.parametrize("path", PATHS)
def test_a_phone_shows_a_page_without_scrolling_sideways(browser, address, path):
    with visiting(browser, address, viewport={"width": 390, "height": 800}) as visit:
        page = visit.open(path)
        assert (page.evaluate("document.documentElement.scrollWidth"), page.evaluate(WIDE)) == (390, [])


# What reaches over the right edge, other than inside a table that scrolls by itself.
WIDE = """() => [...document.querySelectorAll("main *, header *")]
  .filter((each) => each.getBoundingClientRect().right > 391 && !each.closest(".fa-scroll"))
  .map((each) => `${each.tagName} ${each.className} ${each.textContent.slice(0, 40)}`)"""


def test_a_goal_appears_by_itself_and_flashes(browser, address, home):
    with visiting(browser, address) as visit:
        page = visit.open("/")
        assert page.locator("td.flash").count() == 0
        rows = soccer_rows()
        rows[FlattenedMatches][1] = match(1, status_id=4, home_score=7)
        put(home, "soccer", rows)
        page.wait_for_selector("td.flash", timeout=15_000)
        assert page.locator("td.flash").inner_text().split() == ["7", "0"]


def test_the_board_is_filtered_and_its_prices_change_form(browser, address):
    with visiting(browser, address) as visit:
        page = visit.open("/")
        everything = page.locator("table.fa tbody tr:not(.group)").count()
        page.get_by_label("Competition or team").fill("home 1")
        page.wait_for_function(f"document.querySelectorAll('table.fa tbody tr:not(.group)').length < {everything}")
        assert page.locator("table.fa tbody tr:not(.group)").count() == 1
        page.get_by_label("Competition or team").fill("nobody")
        page.wait_for_selector(".fa-empty")
        assert "No match fits" in page.locator(".fa-empty").inner_text()


def test_the_keyboard_alone_reaches_the_content_and_opens_a_match(browser, address):
    with visiting(browser, address) as visit:
        page = visit.open("/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        link = page.locator("table.fa a").first
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/match/*")


def test_dark_is_kept_for_the_next_page_in_the_folder_of_the_platform(browser, address, home):
    with visiting(browser, address, color_scheme="light") as visit:
        page = visit.open("/")
        page.get_by_role("button", name="Light / dark").click()
        page.wait_for_selector("body.body--dark")
        page.goto(address + "/ncaa", wait_until="networkidle")
        assert page.locator("body.body--dark").count() == 1
    assert list(home.rglob("page-visits/storage-user-*.json"))


def test_an_age_grows_by_itself_and_looks_stale_past_its_limit(browser, address):
    with visiting(browser, address) as visit:
        page = visit.open("/")
        for seconds in (0, 59.9, 119, 120, 7_199, 7_200, 172_799, 172_800, 900_000):
            assert page.evaluate(f"faAgeWords({seconds})") == age_words(seconds)
        age = page.locator(".fa-note [data-at]").first
        assert " s old" in age.inner_text()
        assert "stale" not in (age.get_attribute("class") or "")
        page.evaluate("faAhead += 3 * 86400 * 1000")
        page.wait_for_function("document.querySelector('.fa-note [data-at]').classList.contains('fa-stale')")
        assert age.inner_text() == "3 days old, stale"


def test_a_match_page_draws_the_market_over_time_with_the_goal_and_the_gap(browser, address):
    with visiting(browser, address) as visit:
        page = visit.open("/match/m001")
        page.wait_for_selector("canvas")
        assert "a cycle first showed them" in page.inner_text("main")
        lines = page.evaluate(CHART)
        market = next(each for each in lines if each["name"] == "home, market")
        values = [None if point[1] is None else round(point[1]) for point in market["data"]]
        # The cycle of the world itself has no prices, and ten minutes later the kept ones begin.
        assert [value is None for value in values] == [True, True, False, False, True, False]
        assert values[2] < values[3] < values[5]
        marks = [mark["label"]["formatter"] for mark in lines[0]["markLine"]["data"]]
        assert marks == ["0-0, a goal taken back 10', after a gap", "1-0 11'"]
        assert visit.wrong == []


# The options of the first chart that is shown, as ECharts has them.
CHART = """() => {
  const shown = [...document.querySelectorAll(".nicegui-echart")].find((each) => each.offsetParent);
  return getElement(Number(shown.id.slice(1))).chart.getOption().series;
}"""


def put_alert(home):
    alert = Alert(
        id="0a1b2c3d",
        key="resource.cpu",
        severity="critical",
        summary="cpu is <99> % used",
        to_do="football health report",
        raised_at=now_utc(),
        seen_at=now_utc(),
    )
    AlertBook(home).write(State(alerts=[alert]))


def test_an_alert_is_acknowledged_by_who_may_write_and_it_is_written_down(browser, address, home):
    put_alert(home)
    book, audit = AlertBook(home), home / "logs" / "audit.log"
    store = KeyStore(home)
    reader, secret = store.create("only reads", "read")
    try:
        with visiting(browser, address) as visit:
            page = visit.open("/login")
            page.get_by_label("API key").fill(secret)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url(address + "/")
            visit.open("/operations").get_by_role("button", name="Acknowledge").click()
            page.get_by_text("Your key may read").wait_for()
    finally:
        store.revoke(reader.id)
    assert book.read().open[0].acknowledged_at is None
    assert not audit.exists() or "0a1b2c3d" not in audit.read_text()
    with visiting(browser, address) as visit:
        page = visit.open("/operations")
        button = page.get_by_role("button", name="Acknowledge: cpu is <99> % used")
        button.focus()
        page.keyboard.press("Enter")
        page.get_by_text("acknowledged by this machine").wait_for()
        assert page.get_by_role("button", name="Acknowledge").count() == 0
    assert book.read().open[0].acknowledged_by == "this machine, no key configured"
    assert '"path": "/v1/alerts/0a1b2c3d/ack"' in audit.read_text().splitlines()[-1]


def test_a_prop_is_analysed_on_the_page(browser, address):
    with visiting(browser, address) as visit:
        page = visit.open("/props?player=DJ+Nandu&line=41.5")
        page.wait_for_selector("td:has-text('over 41.5')")
        page.get_by_label("Player", exact=True).fill("DJ Nandu")
        page.get_by_label("Line").fill("42.5")
        page.get_by_role("button", name="Analyse").click()
        page.wait_for_selector("h2:has-text('Why')")
        assert page.get_by_text("rows behind it").count() >= 3


def test_the_playground_sends_a_request(browser, address):
    with visiting(browser, address) as visit:
        page = visit.open("/playground")
        page.get_by_role("button", name="Send").click()
        page.wait_for_function("document.body.innerText.includes('\"match_id\"')")


def test_the_playground_shows_the_first_seconds_of_an_answer_without_an_end(browser, address):
    with visiting(browser, address) as visit:
        page = visit.open("/playground")
        page.get_by_label("Path").fill("/v1/stream/events?channel=soccer.matches")
        page.get_by_label("Path").press("Enter")
        page.wait_for_function("document.body.innerText.includes('it has no end')")
        assert "event: " in page.locator(".fa-pre").inner_text()


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("/", ["Nothing is published yet"]),
        ("/match/m001", ["Nothing is published yet"]),
        ("/ncaa/team/1", ["collects, predicts and publishes"]),
        ("/players/7", ["nothing is published"]),
        ("/operations", ["Nothing is published yet", "No college table was judged yet", "No check was made yet"]),
    ],
)
def test_before_the_first_publication_a_page_says_so(empty_address, path, holds):
    with urllib.request.urlopen(empty_address + path, timeout=30) as answer:
        told = answer.read().decode()
    for words in holds:
        assert words in told, words


@pytest.fixture(scope="module")
def empty_address(tmp_path_factory):
    """A serving process of a home in which nothing was published."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("nothing")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        with serving() as url:
            yield url
