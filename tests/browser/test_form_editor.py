"""The form editor in a real headless browser: by the mouse, by the keyboard alone, and on a phone.

Needs Chromium and its driver: run by `make test-browser`, not by `make test`.
"""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

pytest.importorskip("tomlkit")

from browser.test_review_comfort import (
    assert_accessible,
    assert_nothing_wide_and_no_error,
    by_id,
    chrome,
    press,
    wait_for,
)
from commands import HWR_EDGE, environment
from desks import running
from drawn_forms import BOXES, empty_form, written
from edge.desk.form_editor.test_editor import write_template
from fakes import TINY_MODEL
from hwr_edge.desk.form_editor.server import make_editor, open_editor
from hwr_edge.line.recognizer import Recognizer

__all__ = ["chrome"]
Chrome = Callable[..., webdriver.Chrome]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    page = make_editor(write_template(tmp_path), lambda: Recognizer(TINY_MODEL))
    server, found = open_editor(page, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


def boxes(page: webdriver.Chrome) -> list[Any]:
    return page.find_elements(By.CSS_SELECTOR, "#stage .field")


def opened(page: webdriver.Chrome, address: str, count: int = 2) -> None:
    page.get(address)
    WebDriverWait(page, 15).until(lambda _: len(boxes(page)) == count)
    WebDriverWait(page, 15).until(lambda _: by_id(page, "form").get_property("naturalWidth") > 0)


def saved(folder: Path) -> list[dict[str, Any]]:
    found = tomllib.loads((folder / "club.toml").read_text("utf-8"))["field"]
    assert isinstance(found, list)
    return found


def ctrl(page: webdriver.Chrome, key: str) -> None:
    ActionChains(page).key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL).perform()


def test_fields_are_changed_by_the_keyboard_alone(
    chrome: Chrome, address: str, tmp_path: Path
) -> None:
    page = chrome()
    opened(page, address)
    for _ in range(20):
        press(page, Keys.TAB)
        if "field" in str(page.switch_to.active_element.get_attribute("class")):
            break
    assert page.switch_to.active_element.accessible_name == "Field 1 of 2: nom"
    press(page, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    chain = ActionChains(page).key_down(Keys.SHIFT).send_keys(Keys.ARROW_LEFT).key_up(Keys.SHIFT)
    chain.perform()
    press(page, Keys.TAB)
    assert page.switch_to.active_element.accessible_name == "Field 2 of 2: prenom"
    press(page, Keys.DELETE)
    assert len(boxes(page)) == 1
    press(page, "n")  # below the one that is there
    assert len(boxes(page)) == 2
    press(page, Keys.ENTER)
    assert page.switch_to.active_element.get_attribute("id") == "name"
    ctrl(page, "a")
    press(page, "<b>town</b>")
    ctrl(page, "s")
    wait_for(page, "said", "Saved: club.toml")
    assert saved(tmp_path) == [
        {"name": "nom", "box": [470, 245, 555, 90]},
        {"name": "<b>town</b>", "box": [470, 343, 555, 90]},
    ]
    assert "# Made on Monday." in (tmp_path / "club.toml").read_text("utf-8")
    assert boxes(page)[1].text == "2 <b>town</b>"
    assert_accessible(page)
    assert_nothing_wide_and_no_error(page)


def test_a_field_is_drawn_and_resized_by_the_mouse_and_undone(
    chrome: Chrome, address: str, tmp_path: Path
) -> None:
    page = chrome()
    opened(page, address)
    stage = by_id(page, "stage")
    scale = stage.size["width"] / 1200
    page.execute_script("window.scrollTo(0, 0)")
    left, top = (-stage.size["width"] / 2, -stage.size["height"] / 2)  # from its middle
    page.execute_script("$('stage').scrollIntoView({block: 'center'})")

    def drag(x: float, y: float, dx: float, dy: float) -> None:
        chain = ActionChains(page)
        chain.move_to_element_with_offset(stage, round(left + x * scale), round(top + y * scale))
        chain.click_and_hold().move_by_offset(round(dx * scale / 2), round(dy * scale / 2))
        chain.move_by_offset(round(dx * scale / 2), round(dy * scale / 2)).release().perform()

    drag(460, 560, 400, 80)
    assert len(boxes(page)) == 3
    near = page.execute_script("return fields()[2].box")
    assert all(abs(one - other) < 6 for one, other in zip(near, [460, 560, 400, 80], strict=True))
    drag(600, 600, 100, 40)  # moved
    x, y, wide, high = page.execute_script("return fields()[2].box")
    assert (abs(x - 560) < 6, abs(y - 600) < 6, [wide, high]) == (True, True, near[2:])
    drag(x + wide, y + high, 50, 20)  # resized
    assert abs(page.execute_script("return fields()[2].box[2]") - wide - 50) < 6
    for expected in ([x, y, wide, high], near):
        ctrl(page, "z")
        assert page.execute_script("return fields()[2].box") == expected
    ctrl(page, "z")
    assert len(boxes(page)) == 2
    ctrl(page, "y")
    assert len(boxes(page)) == 3
    boxes(page)[2].click()
    Select(by_id(page, "roster")).select_by_value("class.csv")
    by_id(page, "column").send_keys("Name")
    by_id(page, "up").click()
    by_id(page, "save").click()
    wait_for(page, "said", "Saved: club.toml")
    assert [one["name"] for one in saved(tmp_path)] == ["nom", "field3", "prenom"]
    assert saved(tmp_path)[1]["roster"] == "class.csv"
    assert_nothing_wide_and_no_error(page)


def test_what_is_wrong_is_told_and_nothing_saved(
    chrome: Chrome, address: str, tmp_path: Path
) -> None:
    page = chrome()
    opened(page, address)
    before = (tmp_path / "club.toml").read_text("utf-8")
    boxes(page)[0].click()
    name = by_id(page, "name")
    name.send_keys(Keys.CONTROL, "a")
    name.send_keys(Keys.BACKSPACE)
    wait_for(page, "problem", "a name must be non-empty text")
    name.send_keys("prenom")
    wait_for(page, "problem", "two fields have the name 'prenom'")
    by_id(page, "save").click()
    assert (tmp_path / "club.toml").read_text("utf-8") == before
    name.send_keys("2")
    WebDriverWait(page, 15).until(lambda _: by_id(page, "problem").text == "")
    (tmp_path / "club.toml").write_text(before + "# mine\n", "utf-8")
    by_id(page, "save").click()
    wait_for(
        page, "problem", "was changed on the disk after it was opened here; load the page again"
    )
    assert (tmp_path / "club.toml").read_text("utf-8") == before + "# mine\n"
    assert page.execute_script("return fields()[0].name") == "prenom2"  # what was drawn is here yet
    page.execute_script("drawn.saved = JSON.stringify(drawn.pages)")  # may be left


def test_a_filled_form_is_tried_and_read_again_after_a_change(
    chrome: Chrome, address: str, tmp_path: Path
) -> None:
    page = chrome("fr")
    opened(page, address)
    cv2.imwrite(str(tmp_path / "filled.png"), written(empty_form(), BOXES[0]))
    by_id(page, "filled").send_keys(str(tmp_path / "filled.png"))
    wait_for(page, "said", "La liste montre ce que lit chaque champ.")
    wait_for(page, "list", "(rien d’écrit)")
    press(page, "n")
    WebDriverWait(page, 15).until(
        lambda _: len(page.find_elements(By.CSS_SELECTOR, "#list small")) == 3
    )
    by_id(page, "undo").click()
    assert_accessible(page)


def test_a_phone_changes_fields_too(chrome: Chrome, address: str, tmp_path: Path) -> None:
    page = chrome(phone=True)
    opened(page, address)
    by_id(page, "add").click()
    assert len(boxes(page)) == 3
    name = by_id(page, "name")
    name.clear()
    name.send_keys("town")
    Select(by_id(page, "kind")).select_by_value("text")
    assert not any(key.is_displayed() for key in page.find_elements(By.TAG_NAME, "kbd"))
    by_id(page, "save").click()
    wait_for(page, "said", "Saved: club.toml")
    assert saved(tmp_path)[2]["kind"] == "text"
    assert_accessible(page)
    assert_nothing_wide_and_no_error(page)


def test_the_desk_makes_a_form_of_an_empty_scan_and_draws_it(
    chrome: Chrome, tmp_path: Path
) -> None:
    cv2.imwrite(str(tmp_path / "club & co.png"), empty_form())
    page = chrome()
    with running(tmp_path / "desk") as desk:
        page.get(f"http://127.0.0.1:{desk.port}/?token={desk.token}")
        WebDriverWait(page, 15).until(lambda _: by_id(page, "new-empty").is_enabled())
        by_id(page, "new-empty").send_keys(str(tmp_path / "club & co.png"))
        wait_for(page, "said", "Made: club & co.toml.")
        by_id(page, "draw").click()
        WebDriverWait(page, 15).until(lambda _: len(boxes(page)) >= 2)
        WebDriverWait(page, 15).until(
            lambda _: by_id(page, "form").get_property("naturalWidth") > 0
        )
        boxes(page)[0].click()
        press(page, Keys.ARROW_RIGHT)
        ctrl(page, "s")
        wait_for(page, "said", "Saved: club & co.toml")
        assert_nothing_wide_and_no_error(page)


def test_the_command_serves_the_editor_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [
        *HWR_EDGE,
        "form",
        "edit",
        str(write_template(tmp_path)),
        "--port",
        "0",
        "--no-browser",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr
        found = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", process.stderr.readline())
        assert found
        with urllib.request.urlopen(found.group(), timeout=20) as page:
            assert b'id="stage"' in page.read()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
