"""The review page in a real headless browser, by the keyboard alone.

Needs Chromium and its driver: run by `make test-browser`, not by `make test`.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from commands import HWR_EDGE, environment
from edge.review.test_review import write_results
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results

_ANSWERED_UNSEEN = """
const ask = fetch; // from here on the page hears of no answer of others
fetch = (path, how) => path.startsWith("events") ? new Promise(() => 0) : ask(path, how);
return ask(`/rows/${rows[at].place}`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ version: 0, answer: "CA" }),
});
"""


@pytest.fixture
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--window-size=900,760", "--lang=en"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


class Review(NamedTuple):
    """A running `hwr-edge review`, and the address that it printed."""

    process: subprocess.Popen[str]
    address: str


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    """A review of a small results file."""
    command = [*HWR_EDGE, "review", str(write_results(tmp_path)), "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found
        yield Review(process, found.group())
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0


class Page:
    """What a person sees, and the keys they press."""

    def __init__(self, browser: webdriver.Chrome, address: str | None = None) -> None:
        self.browser = browser
        if address:
            browser.get(address)
        self.window = browser.current_window_handle
        self.wait_for("count", "1 of 3")

    def text(self, name: str) -> str:
        return str(self.browser.find_element(By.ID, name).text)

    @property
    def name(self) -> str:
        return str(self.browser.find_element(By.ID, "answer").get_attribute("value"))

    def wait_for(self, name: str, part: str) -> None:
        WebDriverWait(self.browser, 15).until(lambda _: part in self.text(name))

    def press(self, *keys: str) -> None:
        self.browser.switch_to.window(self.window)
        ActionChains(self.browser).send_keys(*keys).perform()

    def undo(self) -> None:
        keys = ActionChains(self.browser)
        keys.key_down(Keys.CONTROL).send_keys("z").key_up(Keys.CONTROL).perform()


def test_a_school_s_review_by_keyboard(
    browser: webdriver.Chrome, review: Review, tmp_path: Path
) -> None:
    page = Page(browser, review.address)
    assert "token" not in browser.current_url
    assert page.name == "Ça"
    assert browser.switch_to.active_element.get_attribute("id") == "answer"
    assert browser.find_element(By.ID, "picture").get_property("naturalWidth") == 256

    page.press("2")  # the second choice
    page.wait_for("said", "Saved: CA")
    page.wait_for("count", "1 of 2 doubtful")
    assert page.name == "BC"
    page.press("BÀBA", Keys.ENTER)  # typed over what was proposed
    page.wait_for("said", "All doubtful readings are answered")
    page.press(Keys.ARROW_UP)
    assert page.name == "BÀBA"
    page.undo()
    page.wait_for("said", "Taken back")
    assert page.name == "BC"
    page.press(Keys.ESCAPE)
    page.wait_for("count", "2 of 2 doubtful")

    browser.refresh()
    page.wait_for("said", "All doubtful readings are answered")
    said = browser.get_log("browser")  # type: ignore[no-untyped-call]
    severe = [line for line in said if line["level"] == "SEVERE"]
    assert severe == []
    journal = (tmp_path / "results.answers.jsonl").read_text("utf-8")
    assert journal.count("\n") == 5  # its heading, and each key that saved something


def test_two_tabs_see_each_other_and_do_not_overwrite(
    browser: webdriver.Chrome, review: Review
) -> None:
    first = Page(browser, review.address)
    browser.switch_to.new_window("tab")
    second = Page(browser, review.address)
    first.press("2")
    first.wait_for("said", "Saved: CA")
    browser.switch_to.window(second.window)
    second.wait_for("said", "Somebody else answered this one: CA")
    second.wait_for("count", "1 of 2 doubtful")
    assert second.name == "CA"  # nothing was typed here, so nothing is lost
    browser.switch_to.window(first.window)
    first.undo()
    first.wait_for("said", "Taken back")
    first.press("BBB", Keys.ENTER)
    first.wait_for("said", "Saved: BBB")
    browser.switch_to.window(second.window)
    second.wait_for("said", "Somebody else answered this one: BBB")
    second.press("CCC", Keys.ENTER)
    second.wait_for("said", "Saved: CCC")
    browser.switch_to.window(first.window)
    first.undo()  # which is not the other's
    first.wait_for("said", "Somebody else answered this one: CCC")


def test_an_answer_that_came_too_late_can_be_saved_again(
    browser: webdriver.Chrome, review: Review
) -> None:
    page = Page(browser, review.address)
    browser.execute_script(_ANSWERED_UNSEEN)
    page.press("CAB", Keys.ENTER)
    page.wait_for("said", "Somebody else answered this one: CA. Save again to replace it.")
    assert page.name == "CAB"
    page.press(Keys.ENTER)
    page.wait_for("said", "Saved: CAB")


def test_undo_leaves_what_was_typed_and_then_brings_the_answer_before(
    browser: webdriver.Chrome, review: Review
) -> None:
    page = Page(browser, review.address)
    page.press("AAA", Keys.ENTER)
    page.wait_for("said", "Saved: AAA")
    page.press("half")
    page.undo()
    assert page.name == "BC"
    page.press(Keys.ARROW_UP, "BBB", Keys.ENTER)
    page.wait_for("said", "Saved: BBB")
    page.undo()
    page.wait_for("said", "Taken back")
    assert page.name == "AAA"
    browser.execute_script("say('')")
    page.undo()
    page.wait_for("said", "Taken back")
    assert page.name == "Ça"


def test_a_server_that_stopped_is_told(
    browser: webdriver.Chrome, review: Review, tmp_path: Path
) -> None:
    page = Page(browser, review.address)
    page.press("1")
    page.wait_for("said", "Saved")
    review.process.kill()
    review.process.wait(20)
    page.press("1")
    page.wait_for("said", "Nothing that was saved is lost")
    with Answers(read_results(tmp_path / "results.jsonl")) as answers:
        assert len(answers.given()) == 1
