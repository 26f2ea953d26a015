"""Typesetting in headless Chromium: a page's pixels and the boxes of what is on it."""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from hwr_edge.image.pixels import Grey

_PIXELS = 96 / 25.4  # CSS pixels a millimetre
_TRIM = """
const page = document.getElementById('page').getBoundingClientRect();
const body = document.getElementById('body');
const {bottom: low, right} = body.getBoundingClientRect();
for (const block of [...body.children]) {
  const box = block.getBoundingClientRect();
  if (box.bottom > low || box.right > right + 2) block.remove();
}
"""
_BOXES = """
const page = document.getElementById('page').getBoundingClientRect();
const fields = [...document.querySelectorAll('.f')].map(f => {
  const b = f.getBoundingClientRect();
  return {box: [b.x, b.y, b.width, b.height], kind: f.dataset.kind, name: f.dataset.name,
          holds: f.dataset.holds, cells: Number(f.dataset.cells || 0)};
}).filter(f => f.box[0] >= 0 && f.box[0] + f.box[2] <= page.width);
const free = [...document.querySelectorAll('.w')].map(f => {
  const b = f.getBoundingClientRect();
  return [b.x, b.y, b.width, b.height];
});
const print = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const range = document.createRange();
  range.selectNodeContents(walker.currentNode);
  if (walker.currentNode.textContent.trim())
    for (const b of range.getClientRects()) print.push([b.x, b.y, b.width, b.height]);
}
return {fields, free, print};
"""


class Typesetter:
    """A running Chromium; from `typesetter()`."""

    def __init__(self, driver: Any, folder: Path) -> None:
        self._driver, self._folder = driver, folder

    def page(self, html: str, wide: float, high: float, dpi: float) -> tuple[Grey, dict[str, Any]]:
        """A page of so many millimetres as uint8 (H, W), and its boxes in its pixels.

        Returns:
            The image, and {"fields": [{box, kind, name, holds, cells}], "free": [box], "print": [box]}.
        """
        path, ratio = self._folder / "page.html", dpi / 96
        path.write_text(html, "utf-8")
        size = {"width": round(wide * _PIXELS), "height": round(high * _PIXELS)}
        metrics = {**size, "deviceScaleFactor": ratio, "mobile": False}
        self._driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self._driver.get(path.as_uri())
        self._driver.execute_script(_TRIM)
        boxes: dict[str, Any] = self._driver.execute_script(_BOXES)
        shot = self._driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        data = np.frombuffer(base64.b64decode(shot["data"]), np.uint8)
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
        for made in boxes["fields"]:
            made["box"] = [round(side * ratio) for side in made["box"]]
        for kind in ("free", "print"):
            boxes[kind] = [[round(side * ratio) for side in box] for box in boxes[kind]]
        return image, boxes


@contextmanager
def typesetter() -> Iterator[Typesetter]:
    """A Chromium for many pages.

    Raises:
        RuntimeError: Chromium or its driver is not installed.
    """
    from selenium import webdriver

    program = shutil.which("chromedriver")
    if program is None:
        raise RuntimeError("Chromium is needed: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--hide-scrollbars",
        "--force-color-profile=srgb",
    ):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(program))
    with tempfile.TemporaryDirectory() as folder:
        try:
            yield Typesetter(driver, Path(folder))
        finally:
            driver.quit()
