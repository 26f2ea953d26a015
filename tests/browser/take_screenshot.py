"""Take the README's picture of the review page, of drawn names: python tests/browser/take_screenshot.py"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from pathlib import Path

from selenium import webdriver

from hwr_edge.cli import Format
from hwr_edge.recognizer import Recognizer
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
from hwr_edge.review.server import open_server
from hwr_edge.rows import LAYOUTS, Row

ROOT = Path(__file__).resolve().parents[2]
ROSTER = ["Manon", "Maëva", "Maeva", "Jean-Pierre", "Lucie Dubois", "Thomas"]


def main() -> None:
    """Write docs/review.png."""
    reader = Recognizer(top=4, roster=ROSTER, accept=0.95)
    layout = LAYOUTS[Format.JSONL.value]()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "results.jsonl"
        images = sorted((ROOT / "examples").glob("*.png"))
        shown = (Row(image.name, reader.read(image), 4) for image in images)
        path.write_text("".join(layout.row(row) for row in shown), "utf-8")
        for image in images:
            shutil.copy(image, path.parent)
        results = read_results(path)
        with Answers(results) as answers:
            server, address = open_server(results, answers, 0)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            _photograph(address, ROOT / "docs" / "review.png")
            server.shutdown()


def _photograph(address: str, target: Path) -> None:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--window-size=820,560"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.get(address)
        time.sleep(1)
        driver.save_screenshot(str(target))
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
