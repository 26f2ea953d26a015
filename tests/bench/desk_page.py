"""How soon a batch of 5,000 readings can be used in a browser: python -m bench.desk_page [--readings 5000] [--tries 5]

Prints the time from opening the address until the first row is there and a key is answered, in the desk's table and in its
review: the middle one of the tries. Needs Chromium and its driver.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from desks import TOKEN, Client, running


def main() -> None:
    """Print a line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readings", type=int, default=5000)
    parser.add_argument("--tries", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, running(Path(name)) as client:
        batch = batch_of(client, asked.readings)
        page = _browser()
        try:
            page.get(f"http://127.0.0.1:{client.port}/?token={TOKEN}")
            own = f"http://127.0.0.1:{client.port}"
            table = _middle(page, f"{own}/#{batch}", _in_table, asked.tries)
            review = _middle(page, f"{own}/batches/{batch}/review/", _in_review, asked.tries)
        finally:
            page.quit()
    told = f"{asked.readings} readings in a browser"
    print(
        f"{told}: the desk's table can be used after {table:.2f} s, the review after {review:.2f} s"
    )


def batch_of(client: Client, readings: int) -> str:
    """A batch with so many rows, whose scan is there; its id."""
    batch = client.new("AB")
    client.wait(batch)
    folder = client.desk.batches.get(batch).folder
    row = json.loads((folder / "results.jsonl").read_text())
    lines = "".join(json.dumps({**row, "text": f"N{n}"}) + "\n" for n in range(readings))
    (folder / "results.jsonl").write_text(lines)
    record = {**json.loads((folder / "read.jsonl").read_text()), "end": len(lines)}
    (folder / "read.jsonl").write_text(json.dumps({**record, "rows": readings}) + "\n")
    client.desk.batches._known.clear()
    return batch


def _browser() -> webdriver.Chrome:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1100,900"):
        options.add_argument(argument)
    return webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))


def _middle(
    page: webdriver.Chrome, address: str, used: Callable[[webdriver.Chrome], bool], tries: int
) -> float:
    times = []
    for _ in range(tries):
        page.get("about:blank")
        begin = time.monotonic()
        page.get(address)
        WebDriverWait(page, 60, 0.02).until(used)
        times.append(time.monotonic() - begin)
    return statistics.median(times)


def _in_table(page: webdriver.Chrome) -> bool:
    return bool(page.find_elements(By.CSS_SELECTOR, "td.name"))


def _in_review(page: webdriver.Chrome) -> bool:
    answer = page.find_elements(By.ID, "answer")
    if not (answer and answer[0].get_attribute("value")):
        return False
    answer[0].send_keys("X")
    return str(answer[0].get_attribute("value")).endswith("X")


if __name__ == "__main__":
    main()
