"""The pages in a real browser: what they show, that they follow publications, and that nothing leaves this machine."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from football_assets.soccer.schemas import FlattenedMatches
from football_assets_tests.emulated.served import match, put, soccer_rows, world

LIMIT_S = 60
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
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("browser") / "home"


@pytest.fixture(scope="module")
def address(home):
    """A serving process over a small published world."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(home))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        world()
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


def _wait(url, server):
    deadline = time.monotonic() + LIMIT_S
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


@pytest.mark.parametrize("path", [*PATHS, "/playground"])
def test_a_page_works_without_an_error_and_without_the_outside(browser, address, path):
    with visiting(browser, address) as visit:
        page = visit.open(path)
        assert page.locator("h1").count() == 1
        assert visit.wrong == []
        assert visit.foreign == []
        assert visit.bytes < WEIGHT_BYTES


@pytest.mark.parametrize("path", ["/", "/ncaa", "/players/7", "/operations"])
def test_a_phone_shows_a_page_without_scrolling_sideways(browser, address, path):
    with visiting(browser, address, viewport={"width": 390, "height": 800}) as visit:
        page = visit.open(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 391


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


def test_dark_is_kept_for_the_next_page(browser, address):
    with visiting(browser, address, color_scheme="light") as visit:
        page = visit.open("/")
        page.get_by_role("button", name="Light / dark").click()
        page.wait_for_selector("body.body--dark")
        page.goto(address + "/ncaa", wait_until="networkidle")
        assert page.locator("body.body--dark").count() == 1


def test_a_prop_is_analysed_on_the_page(browser, address):
    with visiting(browser, address) as visit:
        page = visit.open("/props")
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
