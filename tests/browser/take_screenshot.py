"""Take the documents' images of the pages, of drawn names: python tests/browser/take_screenshot.py"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from hwr_edge.camera.event import Event, recorded_time
from hwr_edge.camera.recorded import video
from hwr_edge.camera.server import LiveView
from hwr_edge.camera.watch import watch
from hwr_edge.desk.batch import State
from hwr_edge.desk.desk import make_desk
from hwr_edge.desk.form_editor.server import make_editor, open_editor
from hwr_edge.desk.place import LIST_ENDINGS, keep_file
from hwr_edge.desk.reading_options import ReadingOptions
from hwr_edge.desk.server import make_app, open_desk
from hwr_edge.form.new import new_form
from hwr_edge.image.decode import read_grey
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.results.formats import LAYOUTS, Format
from hwr_edge.results.roster_file import read_people
from hwr_edge.results.rows import Row
from hwr_edge.review.answers import Answers
from hwr_edge.review.results import read_results
from hwr_edge.review.server import open_server

ROOT = Path(__file__).resolve().parents[2]
ROSTER = ["Manon", "Maëva", "Maeva", "Jean-Pierre", "Lucie Dubois", "Thomas"]
FIELDS = ["nom", "prenom", "naissance", "nom2", "prenom2", "commune"]


def main() -> None:
    """Write docs/review.png, docs/desk.png, docs/camera.png and docs/form-editor.png."""
    _review()
    _desk()
    _camera()
    _form()


def _form() -> None:
    """The example's form as `form new` proposes it, tried on a filled one."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "club.toml"
        new_form(read_grey(ROOT / "examples" / "form" / "empty.jpg"), path, FIELDS)
        server, address = open_editor(make_editor(path, Recognizer), 0)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        filled = str(ROOT / "examples" / "form" / "filled-1.jpg")
        _photograph(address, ROOT / "docs" / "form-editor.png", "1200,860", filled)
        server.shutdown()


def _camera() -> None:
    """The live view of the example clip, at the moment when its second name was reported."""
    recognizer = Recognizer()
    with LiveView("127.0.0.1:0") as view:
        seen = watch(video(ROOT / "examples" / "cards.mp4", None, print), recognizer.read_grey)
        names = 0
        for look in seen:
            view.show(look)
            for reported in look.reported:
                view.show_name(
                    Event(recorded_time(reported.time), reported.reading, reported.frames)
                )
                names += 1
            if names == 2:
                break
        _photograph(view.address, ROOT / "docs" / "camera.png", "1000,620")


def _review() -> None:
    reader = Recognizer(top=4, roster=ROSTER, accept=0.95)
    layout = LAYOUTS[Format.JSONL.value]()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "results.jsonl"
        images = sorted((ROOT / "examples").glob("*.png"))
        shown = (Row(image.name, reader.read(image), 4) for image in images)
        path.write_text(layout.rows(list(shown)), "utf-8")
        for image in images:
            shutil.copy(image, path.parent)
        names = path.with_name("list.txt")
        names.write_text("\n".join(ROSTER), "utf-8")
        results = read_results(path)
        with Answers(results) as answers:
            server, address = open_server(results, answers, 0, people=read_people(names))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            _photograph(address, ROOT / "docs" / "review.png", "820,860")
            server.shutdown()


def _desk() -> None:
    """A batch of the examples, matched to a list."""
    with tempfile.TemporaryDirectory() as name:
        desk = make_desk(Path(name) / "desk", accept=0.95)
        keep_file(desk.place.lists, "class-5b.csv", "\n".join(ROSTER).encode(), LIST_ENDINGS)
        batch = desk.batches.new("Monday, class 5b", ReadingOptions(list="class-5b.csv"))
        for image in sorted((ROOT / "examples").glob("*.png")):
            with image.open("rb") as file:
                batch.add(image.name, file)
        server, address = open_desk(make_app(desk), "127.0.0.1", 0)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with server, desk.queue:
            desk.queue.put(batch)
            while batch.state is not State.DONE:
                time.sleep(0.1)
            _photograph(f"{address}#{batch.id}", ROOT / "docs" / "desk.png", "900,560")
            server.shutdown()


def _photograph(address: str, target: Path, size: str = "820,560", filled: str = "") -> None:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", f"--window-size={size}"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.get(address)
        time.sleep(1)
        if filled:
            driver.find_element(By.ID, "filled").send_keys(filled)
            WebDriverWait(driver, 60).until(lambda page: page.find_elements(By.TAG_NAME, "small"))
            driver.find_element(By.CSS_SELECTOR, ".field").click()
        driver.save_screenshot(str(target))
    finally:
        driver.quit()


if __name__ == "__main__":
    main()
