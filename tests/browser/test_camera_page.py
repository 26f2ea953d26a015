"""The live view in a real headless browser, as wide as a desk's screen and as a phone's.

Needs Chromium and its driver: run by `make test-browser`, not by `make test`.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from browser.test_review_page import browser
from commands import HWR_EDGE, environment

__all__ = ["browser"]
CLIP = Path(__file__).resolve().parents[2] / "examples" / "cards.mp4"


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A running `hwr-edge camera --serve` on the example's frames, and the address that it printed."""
    capture, place = cv2.VideoCapture(str(CLIP)), 0
    while (found := capture.read())[0] and place < 32:
        cv2.imwrite(str(tmp_path / f"{place:05d}.png"), found[1])
        place += 1
    for more in range(place, 20_000):  # the camera stays on for a while
        (tmp_path / f"{more:05d}.png").hardlink_to(tmp_path / f"{place - 1:05d}.png")
    command = [*HWR_EDGE, "camera", "--source", str(tmp_path), "--serve", "127.0.0.1:0"]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env=environment(HWR_EDGE_MODEL=""),
    ) as process:  # fmt: skip
        assert process.stderr
        address = re.search(r"live view: (http://\S+)", process.stderr.readline())
        assert address
        yield process, address.group(1)
        process.kill()


def text(page: webdriver.Chrome, name: str) -> str:
    return str(page.find_element(By.ID, name).text)


@pytest.mark.parametrize("width", [1100, 390])
def test_a_name_that_is_laid_down_is_seen(
    browser: webdriver.Chrome, camera: tuple[subprocess.Popen[str], str], width: int
) -> None:
    browser.set_window_size(width, 800)
    browser.get(camera[1])
    WebDriverWait(browser, 30).until(lambda page: "MANON" in text(page, "names"))
    assert "token" not in browser.current_url
    image = browser.find_element(By.ID, "picture")
    WebDriverWait(browser, 10).until(lambda _: image.get_property("naturalWidth") == 854)
    assert text(browser, "text") == "MANON"
    assert re.fullmatch(r"\d+ %", text(browser, "sure"))
    assert len(browser.find_elements(By.CSS_SELECTOR, "#boxes rect")) >= 1
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    shown = browser.execute_script("return document.documentElement.clientWidth")
    assert wide <= shown
    said = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [line for line in said if line["level"] == "SEVERE"] == []


def test_a_camera_that_stopped_is_told(
    browser: webdriver.Chrome, camera: tuple[subprocess.Popen[str], str]
) -> None:
    process, address = camera
    browser.get(address)
    WebDriverWait(browser, 30).until(lambda page: text(page, "hint") != "waiting for the camera")
    process.kill()
    process.wait(10)
    end = time.monotonic() + 10
    while "not running" not in text(browser, "hint") and time.monotonic() < end:
        time.sleep(0.2)
    assert text(browser, "hint") == "hwr-edge camera is not running any more"
