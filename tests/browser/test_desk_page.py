"""The desk's page in a real headless browser: scans sent, seen read, exported; by keyboard; on a phone's screen.

Needs Chromium and its driver: run by `make test-browser`, not by `make test`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from bench.desk_page import batch_of
from browser.test_review_comfort import assert_accessible
from desks import TOKEN, Client, png, running

_DROP = """
const [name, bytes] = [arguments[0], Uint8Array.from(atob(arguments[1]), (c) => c.charCodeAt(0))];
const data = new DataTransfer();
data.items.add(new File([bytes], name, { type: "image/png" }));
for (const kind of ["dragenter", "dragover", "drop"])
  document.getElementById("drop").dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
"""
_UNNAMED = """
// What a screen reader could not name: controls without text or label, images without alt, tables without headings.
const name = (e) => (e.ariaLabel || e.textContent.trim() || [...(e.labels ?? [])].map((l) => l.textContent.trim()).join("") ||
  e.getAttribute("aria-labelledby") || e.getAttribute("alt"));
return [...document.querySelectorAll("a, button, input, select, textarea, progress, table, dialog, img, [role]")]
  .filter((e) => e.checkVisibility() && !name(e) && e.getAttribute("role") !== "status" && e.tagName !== "TABLE")
  .map((e) => e.outerHTML.slice(0, 200));
"""
_WIDER = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
_SMALL = """
return [...document.querySelectorAll("button, .button")].filter((e) => e.checkVisibility())
  .filter((e) => e.getBoundingClientRect().height < 24).map((e) => e.outerHTML.slice(0, 200));
"""


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running(tmp_path / "desk") as found:
        yield found


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[webdriver.Chrome]:
    (tmp_path / "down").mkdir()
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--window-size=1100,800", "--lang=en"):
        options.add_argument(argument)
    options.add_experimental_option(
        "prefs",
        {"download.default_directory": str(tmp_path / "down"), "intl.accept_languages": "en"},
    )
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(shutil.which("chromedriver")))
    yield driver
    driver.quit()


class Page:
    """What a person sees."""

    def __init__(self, browser: webdriver.Chrome, client: Client) -> None:
        self.browser, self.client = browser, client
        browser.get(f"http://127.0.0.1:{client.port}/?token={TOKEN}")
        self.until(lambda: self.shown("title"))

    def until(self, what: Callable[[], object]) -> None:
        WebDriverWait(self.browser, 20).until(lambda _: what())

    def shown(self, name: str) -> bool:
        return bool(self.browser.find_element(By.ID, name).is_displayed())

    def text(self, name: str) -> str:
        return str(self.browser.find_element(By.ID, name).text)

    def choose(self, name: str, *files: Path) -> None:
        self.browser.find_element(By.ID, name).send_keys("\n".join(map(str, files)))

    def names(self) -> list[str]:
        return [str(cell.text) for cell in self.browser.find_elements(By.CSS_SELECTOR, "td.name")]

    def severe(self) -> list[str]:
        said = self.browser.get_log("browser")  # type: ignore[no-untyped-call]
        return [line["message"] for line in said if line["level"] == "SEVERE"]


def scans(folder: Path, *texts: str) -> list[Path]:
    found = []
    for text in texts:
        found.append(folder / f"{text}.png")
        found[-1].write_bytes(png(text))
    return found


def test_from_scans_to_a_table(browser: webdriver.Chrome, client: Client, tmp_path: Path) -> None:
    page = Page(browser, client)
    assert "token" not in browser.current_url
    browser.find_element(By.ID, "title").send_keys("Monday, <b>class</b> 5b")
    page.choose("files", *scans(tmp_path, "AB", "BC", "CAB"))
    page.until(lambda: len(page.names()) == 3)
    assert sorted(page.names()) == ["AB", "BC", "CAB"]
    page.until(lambda: page.text("state") == "3 pages, 3 names")
    assert page.text("batch-title") == "Monday, <b>class</b> 5b"
    assert "class" not in browser.current_url
    assert not page.shown("cancel")

    page.choose("more", *scans(tmp_path, "ABC"))
    page.until(lambda: "ABC" in page.names())

    browser.find_element(By.ID, "csv").click()
    page.until(lambda: list((tmp_path / "down").glob("*.csv")))
    (table,) = (tmp_path / "down").glob("*.csv")
    page.until(lambda: table.stat().st_size)
    assert "CAB.png,,CAB,no,CAB," in table.read_text("utf-8-sig")

    browser.find_element(By.ID, "review").click()
    page.until(lambda: "/review/" in browser.current_url)
    page.until(lambda: browser.find_element(By.ID, "answer").get_attribute("value"))
    assert page.text("file") == "Monday, <b>class</b> 5b"
    browser.find_element(By.ID, "desk").click()
    page.until(lambda: page.shown("delete"))
    browser.find_element(By.ID, "delete").click()
    browser.find_element(By.CSS_SELECTOR, "#sure [value=yes]").click()
    page.until(lambda: page.shown("none"))
    assert client.ask("GET", "/api/batches").json["batches"] == []
    assert page.severe() == []


def test_a_scan_that_is_dropped_is_read(browser: webdriver.Chrome, client: Client) -> None:
    import base64

    page = Page(browser, client)
    browser.execute_script(_DROP, "AB.png", base64.b64encode(png("AB")).decode())
    page.until(lambda: page.names() == ["AB"])
    assert page.severe() == []


def test_a_list_is_added_and_chosen(
    browser: webdriver.Chrome, client: Client, tmp_path: Path
) -> None:
    page = Page(browser, client)
    (tmp_path / "class 5b.csv").write_text("name\nABC\nCAB\n")
    page.choose("new-list", tmp_path / "class 5b.csv")
    page.until(lambda: page.text("said") == "class 5b.csv: 2 names")
    chosen = browser.find_element(By.ID, "list").get_attribute("value")
    assert chosen == "class 5b.csv"
    (tmp_path / "bad.csv").write_text("1\n2\n")
    page.choose("new-list", tmp_path / "bad.csv")
    page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "#said.bad"))
    assert "bad.csv" in page.text("said")


def test_by_keyboard_alone(browser: webdriver.Chrome, client: Client) -> None:
    batch = client.new("AB", title="Monday")
    client.wait(batch)
    page = Page(browser, client)
    page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "#batches a"))

    def tab_to(selector: str) -> None:
        goal = browser.find_element(By.CSS_SELECTOR, selector)
        for _ in range(30):
            ActionChains(browser).send_keys(Keys.TAB).perform()
            if browser.switch_to.active_element == goal:
                return
        raise AssertionError(f"{selector} is not reached")

    tab_to("#title")
    tab_to("#list")
    tab_to("#files")
    tab_to("#batches a")
    ActionChains(browser).send_keys(Keys.ENTER).perform()
    page.until(lambda: page.names() == ["AB"])
    tab_to("#csv")
    tab_to("#delete")
    ActionChains(browser).send_keys(Keys.ENTER).perform()
    page.until(lambda: page.shown("sure"))
    ActionChains(browser).send_keys(Keys.ESCAPE).perform()
    page.until(lambda: not page.shown("sure"))
    assert client.ask("GET", f"/api/batches/{batch}").status == 200


@pytest.mark.parametrize("width", [1100, 390])
def test_on_any_screen_all_is_named_and_fits(
    browser: webdriver.Chrome, client: Client, width: int
) -> None:
    batch = client.new("AB", "BC", title="A long title " * 8)
    client.wait(batch)
    how = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", how)
    page = Page(browser, client)
    page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "#batches a"))
    for seen in ("#batches a", "#csv"):
        assert browser.execute_script(_UNNAMED) == []
        assert browser.execute_script(_WIDER) is False
        assert browser.execute_script(_SMALL) == []
        if seen == "#batches a":
            browser.find_element(By.CSS_SELECTOR, seen).click()
            page.until(lambda: len(page.names()) == 2)


def test_two_browsers_see_the_same(browser: webdriver.Chrome, client: Client) -> None:
    page = Page(browser, client)
    client.wait(client.new("AB", title="of somebody else"))
    page.until(lambda: "of somebody else" in page.text("batches"))


def test_a_desk_that_ended_is_said(browser: webdriver.Chrome, client: Client) -> None:
    page = Page(browser, client)
    client.desk.queue._over = True
    browser.execute_script("fetch = () => Promise.reject(new TypeError('gone'))")
    page.until(lambda: "does not answer" in page.text("said"))


def test_a_table_of_thousands_is_usable(browser: webdriver.Chrome, client: Client) -> None:
    batch = batch_of(client, 5000)
    page = Page(browser, client)
    browser.get(f"http://127.0.0.1:{client.port}/#{batch}")
    browser.refresh()
    page.until(lambda: len(page.names()) == 500)
    browser.find_element(By.ID, "rest").click()
    page.until(lambda: len(page.names()) == 1000)


@pytest.mark.parametrize(("language", "word"), [("fr", "Nouveau lot"), ("de", "Neuer Stapel")])
def test_the_page_speaks_the_browser_s_language_and_the_one_that_is_chosen(
    browser: webdriver.Chrome, client: Client, language: str, word: str
) -> None:
    browser.execute_cdp_cmd(
        "Network.setUserAgentOverride", {"userAgent": "test", "acceptLanguage": language}
    )
    client.wait(client.new("AB", title="Monday"))
    page = Page(browser, client)
    page.until(lambda: page.text("new-title") == word)
    assert browser.execute_script("return document.documentElement.lang") == language
    page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "#batches a"))
    assert "1 page, 1 nom" in page.text("batches") or "1 Seite, 1 Name" in page.text("batches")
    browser.find_element(By.CSS_SELECTOR, "#batches a").click()
    page.until(lambda: page.names() == ["AB"])
    browser.find_element(By.CSS_SELECTOR, "#language [value=en]").click()
    page.until(lambda: page.text("xlsx") == "Save as Excel")
    page.until(lambda: page.names() == ["AB"])
    assert page.text("state") == "1 page, 1 name"
    browser.find_element(By.ID, "review").click()  # it is kept, there as well
    page.until(lambda: page.text("export") == "Save names as CSV")
    assert page.severe() == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("phone", [False, True])
def test_a_screen_reader_and_weak_eyes_get_all_of_it(
    browser: webdriver.Chrome, client: Client, tmp_path: Path, phone: bool, dark: bool
) -> None:
    """By axe-core, on each view of the desk: roles, labels, contrast."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    if phone:
        how = {"width": 390, "height": 800, "deviceScaleFactor": 2, "mobile": True}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", how)
    batch = client.new("AB", "BC", title="Monday")
    client.send(f"/api/batches/{batch}/scans", {"broken.png": b"no image"})
    client.wait(batch)
    page = Page(browser, client)
    page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "#batches a"))
    (tmp_path / "bad.csv").write_text("1\n2\n")
    page.choose("new-list", tmp_path / "bad.csv")
    page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "#said.bad"))
    assert_accessible(browser)
    browser.find_element(By.CSS_SELECTOR, "#batches a").click()
    page.until(lambda: len(page.names()) == 2)
    browser.find_element(By.CSS_SELECTOR, "#problems summary").click()
    assert_accessible(browser)
    browser.find_element(By.ID, "delete").click()
    page.until(lambda: page.shown("sure"))
    assert_accessible(browser)
    browser.get(f"http://127.0.0.1:{client.port}/api/")
    page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "#operations tr"))
    assert_accessible(browser)


def test_a_desk_that_is_back_is_said(browser: webdriver.Chrome, client: Client) -> None:
    page = Page(browser, client)
    browser.execute_script("kept = fetch; fetch = () => Promise.reject(new TypeError('gone'))")
    page.until(lambda: "does not answer" in page.text("said"))
    browser.execute_script("fetch = kept")
    page.until(lambda: page.text("said") == "The desk answers again.")


def test_names_are_text_whatever_they_hold(
    browser: webdriver.Chrome, client: Client, tmp_path: Path
) -> None:
    """Markup is shown, marks of direction turn their own cell alone, formulas are no formulas."""
    title = "<img src=x onerror=\"document.title='taken'\">\u202e5b"
    batch = client.new(title=title)
    name = "<b>=1+1\u202e.png"
    assert client.send(f"/api/batches/{batch}/scans", {name: png("AB")}).status == 202
    client.wait(batch)
    page = Page(browser, client)
    page.until(lambda: browser.find_elements(By.CSS_SELECTOR, "#batches a"))
    browser.find_element(By.CSS_SELECTOR, "#batches a").click()
    page.until(lambda: page.names() == ["AB"])
    assert page.text("batch-title").startswith("<img src=x")
    assert browser.find_elements(By.CSS_SELECTOR, "main img, main b") == []
    assert browser.title.startswith("<img")
    ways = {cell.get_attribute("dir") for cell in browser.find_elements(By.CSS_SELECTOR, "td.name, td.place, #batch-title")}  # fmt: skip
    assert ways == {"auto"}
    table = client.ask("GET", f"/api/batches/{batch}/table").body.decode("utf-8-sig")
    assert all(not cell.startswith(("=", "+", "@")) for cell in table.replace("\r\n", ",").split(","))  # fmt: skip
    assert page.severe() == []
