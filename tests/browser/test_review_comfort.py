"""What makes a review comfortable, in a real headless browser: wide, on a phone, and by the keyboard alone.

Needs Chromium and its driver: run by `make test-browser`, not by `make test`.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from fakes import draw
from hwr_edge.results.roster_file import read_people
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
from hwr_edge.review.server import open_server

LIST = ["Abba Ca", "Bea", "Béa", "Bob", "Carl"]
READ: list[dict[str, Any]] = [
    {"text": "AB", "match": "Abba Ca", "match_confidence": 0.3,
     "alternatives": [{"text": "Carl", "confidence": 0.28}]},
    {"text": "<b>x</b>", "match": None, "match_confidence": 0.4},
    {"text": "=\u202eCAB", "match": None, "match_confidence": 0.5},
    {"text": "", "match": None, "match_confidence": 0.6},
]  # fmt: skip


def write_batch(folder: Path, read: list[dict[str, Any]] = READ) -> Path:
    """Results of one page, and the page."""
    page = np.full((3000, 2200), 255, np.uint8)
    lines = []
    for k, row in enumerate(read):
        top = 1000 + 90 * (k % 20)
        page[top : top + 64, 300:556] = draw("ABC")
        more = {"confidence": 0.4, "review": True, "box": [300, top, 256, 64]}
        lines.append(json.dumps({"schema": 1, "image": "page.png", "page": 1, **more, **row}))
    cv2.imwrite(str(folder / "page.png"), page)
    path = folder / "results.jsonl"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[Path], str]]:
    """Serves a results file with the list; gives the address."""
    (tmp_path / "list.txt").write_text("\n".join(LIST), "utf-8")
    people = read_people(tmp_path / "list.txt")
    with ExitStack() as stack:

        def begin(path: Path) -> str:
            results = read_results(path)
            answers = stack.enter_context(Answers(results))
            server, address = open_server(results, answers, 0, people=people)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            return address

        yield begin


@pytest.fixture
def chrome() -> Iterator[Callable[..., webdriver.Chrome]]:
    """Opens a browser of a language, as wide as a desk's screen or as a phone's."""
    with ExitStack() as stack:

        def begin(language: str = "en", phone: bool = False) -> webdriver.Chrome:
            options = webdriver.ChromeOptions()
            for argument in ("--headless=new", "--no-sandbox", "--window-size=1000,900"):
                options.add_argument(argument)
            options.add_experimental_option("prefs", {"intl.accept_languages": language})
            if phone:
                metrics = {"width": 390, "height": 800, "pixelRatio": 2, "touch": True}
                options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
            options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
            found = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
            stack.callback(found.quit)
            return found

        yield begin


def by_id(page: webdriver.Chrome, name: str) -> Any:
    return page.find_element(By.ID, name)


def wait_for(page: webdriver.Chrome, name: str, part: str) -> None:
    WebDriverWait(page, 15).until(lambda _: part in by_id(page, name).text)


def press(page: webdriver.Chrome, *keys: str) -> None:
    ActionChains(page).send_keys(*keys).perform()


def focused(page: webdriver.Chrome) -> str:
    return str(page.switch_to.active_element.get_attribute("id"))


def options_shown(page: webdriver.Chrome) -> list[str]:
    return [one.text for one in page.find_elements(By.CSS_SELECTOR, "#names [role=option]")]


def assert_accessible(page: webdriver.Chrome) -> None:
    """By axe-core: roles, labels, contrast."""
    axe = pytest.importorskip("axe_core_python.selenium").Axe()
    found = axe.run(page)["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


def assert_nothing_wide_and_no_error(page: webdriver.Chrome) -> None:
    wide, shown = page.execute_script(
        "return [document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= shown
    said = page.get_log("browser")  # type: ignore[no-untyped-call]
    assert [line for line in said if line["level"] == "SEVERE"] == []


Chrome: TypeAlias = Callable[..., webdriver.Chrome]
Serve: TypeAlias = Callable[[Path], str]


def test_a_review_by_the_keyboard_alone(chrome: Chrome, serve: Serve, tmp_path: Path) -> None:
    page = chrome()
    page.get(serve(write_batch(tmp_path)))
    wait_for(page, "count", "1 of 4 · 0 of 4 doubtful")
    assert by_id(page, "reasons").text == "Two names are alike."
    assert by_id(page, "runs").text == "Abba Ca"
    assert page.find_elements(By.CSS_SELECTOR, "#runs mark")
    assert focused(page) == "answer"
    press(page, "b")
    WebDriverWait(page, 10).until(lambda _: options_shown(page) == ["Bea", "Béa", "Bob", "Abba Ca"])
    assert_accessible(page)
    press(page, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER)
    wait_for(page, "said", "Saved: Béa")

    assert by_id(page, "answer").get_attribute("value") == "<b>x</b>"  # text, no markup
    assert by_id(page, "reasons").text == "Not on the list."
    press(page, "b")
    WebDriverWait(page, 10).until(
        lambda _: options_shown(page) == ["Bea", "Bob", "Abba Ca", "Béa already found"]
    )
    press(page, Keys.ESCAPE)  # the names, not the reading
    assert options_shown(page) == []
    press(page, "ob", Keys.ENTER)
    wait_for(page, "said", "Saved: bob")
    wait_for(page, "count", "3 of 4 · 2 of 4 doubtful")
    press(page, Keys.F2)
    WebDriverWait(page, 10).until(lambda _: focused(page) == "view")
    press(page, Keys.ESCAPE)
    WebDriverWait(page, 10).until(lambda _: focused(page) == "answer")
    press(page, Keys.ESCAPE)
    wait_for(page, "count", "4 of 4 · 3 of 4 doubtful")
    press(page, Keys.ENTER)  # nothing is written
    wait_for(page, "said", "All doubtful readings are answered.")
    wait_for(page, "missing-count", "Missing from the list: 3")
    assert by_id(page, "missing-names").text.split("\n") == ["Abba Ca", "Bea", "Carl"]
    assert_accessible(page)
    assert_nothing_wide_and_no_error(page)
    journal = (tmp_path / "results.answers.jsonl").read_text("utf-8").splitlines()[1:]
    assert [json.loads(line)["answer"] for line in journal] == ["Béa", "bob", None, ""]


def test_the_page_around_a_reading_is_shown_and_zoomed(
    chrome: Chrome, serve: Serve, tmp_path: Path
) -> None:
    page = chrome()
    page.get(serve(write_batch(tmp_path)))
    wait_for(page, "count", "1 of 4")
    press(page, Keys.F2)
    WebDriverWait(page, 15).until(lambda _: by_id(page, "around").get_property("naturalWidth") > 0)
    assert by_id(page, "around").get_property("naturalHeight") == 2000
    where = """
    const box = $("box").getBoundingClientRect(), stage = $("stage").getBoundingClientRect();
    return [(box.x - stage.x) / stage.width, (box.y - stage.y) / stage.height, stage.width];
    """
    x, y, width = page.execute_script(where)
    assert (round(x * 2200), round(y * 3000)) == (300, 1000)
    press(page, "+")
    x, y, wider = page.execute_script(where)
    assert wider / width == pytest.approx(1.5, abs=0.01)
    assert (round(x * 2200), round(y * 3000)) == (300, 1000)
    before = page.execute_script("return $('view').scrollTop")
    press(page, Keys.ARROW_DOWN)
    WebDriverWait(page, 10).until(
        lambda _: page.execute_script("return $('view').scrollTop") > before
    )
    press(page, "0")
    assert page.execute_script(where)[2] == pytest.approx(width, abs=1)
    page.execute_script("$('on').click()")
    WebDriverWait(page, 10).until(lambda _: round(page.execute_script(where)[1] * 3000) == 1090)
    assert_accessible(page)
    assert_nothing_wide_and_no_error(page)


def test_a_phone_shows_no_keys_and_brings_up_no_keyboard(
    chrome: Chrome, serve: Serve, tmp_path: Path
) -> None:
    page = chrome(phone=True)
    page.get(serve(write_batch(tmp_path)))
    wait_for(page, "count", "1 of 4")
    assert focused(page) == ""
    assert not any(key.is_displayed() for key in page.find_elements(By.TAG_NAME, "kbd"))
    by_id(page, "answer").click()
    by_id(page, "answer").clear()
    by_id(page, "answer").send_keys("ca")
    WebDriverWait(page, 10).until(lambda _: options_shown(page) == ["Carl", "Abba Ca"])
    page.find_element(By.ID, "name-0").click()
    wait_for(page, "said", "Saved: Carl")
    by_id(page, "page").click()
    WebDriverWait(page, 15).until(lambda _: by_id(page, "around").get_property("naturalWidth") > 0)
    by_id(page, "closer").click()
    by_id(page, "who").click()
    wait_for(page, "missing-count", "Missing from the list: 4")
    assert_accessible(page)
    assert_nothing_wide_and_no_error(page)


def test_a_keyboard_is_shown_its_keys(chrome: Chrome, serve: Serve, tmp_path: Path) -> None:
    page = chrome()
    page.get(serve(write_batch(tmp_path)))
    wait_for(page, "count", "1 of 4")
    assert all(key.is_displayed() for key in page.find_elements(By.TAG_NAME, "kbd"))


@pytest.mark.parametrize(
    ("language", "said"),
    [("fr-CH", "0 sur 4 douteuses traitées"), ("de", "0 von 4"), ("es", "0 of 4")],
)
def test_the_page_speaks_the_browser_s_language_and_the_one_that_is_chosen(
    chrome: Chrome, serve: Serve, tmp_path: Path, language: str, said: str
) -> None:
    page = chrome(language)
    page.get(serve(write_batch(tmp_path)))
    wait_for(page, "count", said)
    assert page.execute_script("return document.documentElement.lang") in ("fr", "de", "en")
    for chosen, word in (("de", "Speichern"), ("fr", "Enregistrer"), ("en", "Save")):
        by_id(page, "language").find_element(By.CSS_SELECTOR, f"[value={chosen}]").click()
        button = page.find_element(By.CSS_SELECTOR, "[type=submit]")
        assert button.text.startswith(word)
        assert page.execute_script("return document.documentElement.lang") == chosen
    by_id(page, "language").find_element(By.CSS_SELECTOR, "[value=de]").click()
    page.refresh()  # it is kept
    wait_for(page, "count", "0 von 4 zweifelhaften erledigt")
    assert_nothing_wide_and_no_error(page)


def test_five_thousand_readings_are_a_few_elements(
    chrome: Chrome, serve: Serve, tmp_path: Path
) -> None:
    many = [{"text": "AB", "confidence": 0.0001 * k, "review": k < 4990} for k in range(5000)]
    page = chrome()
    page.get(serve(write_batch(tmp_path, many)))
    wait_for(page, "count", "1 of 5000 · 0 of 4990 doubtful")
    press(page, "BB", Keys.ENTER)
    wait_for(page, "count", "2 of 5000 · 1 of 4990 doubtful")
    WebDriverWait(page, 15).until(lambda _: page.execute_script("return complete"))
    assert page.execute_script("return rows.filter(Boolean).length") == 5000
    assert page.execute_script("return document.querySelectorAll('*').length") < 150
    page.refresh()  # goes on where it was
    wait_for(page, "count", "2 of 5000 · 1 of 4990 doubtful")
    assert_nothing_wide_and_no_error(page)
