"""The page's words: the same in every language, and all that the page asks for."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from hwr_edge.desk.batch import State
from hwr_edge.review.reasons import Reason
from hwr_edge.review.texts import catalogue, language_for

REVIEW, DESK, EDITOR = "hwr_edge.review", "hwr_edge.desk", "hwr_edge.desk.form_editor"
PACKAGES = pytest.mark.parametrize("package", [REVIEW, DESK, EDITOR])
LANGUAGES = ("en", "fr", "de")


def keys_asked_for(package: str) -> tuple[set[str], set[str]]:
    """The keys that a page's files name, and the beginnings of those that they put together."""
    sources = [one.read_text("utf-8") for one in files(package).iterdir() if one.name.endswith((".js", ".html"))]  # fmt: skip
    found: set[str] = set()
    for source in sources:
        found |= set(re.findall(r'data-(?:text|label|alt|hint)="([^"]+)"', source))
        found |= set(re.findall(r'\b(?:t|say)\("([a-z.]+)"', source))
        found |= {key for pair in re.findall(r'\bt\([^;\n]*\? "([a-z.]+)" : "([a-z.]+)"\)', source) for key in pair}  # fmt: skip
        found |= {f"{key}.{number}" for key in re.findall(r'\bcounted\("([a-z.]+)"', source) for number in ("one", "other")}  # fmt: skip
    begun = {start for source in sources for start in re.findall(r"\bt\(`([a-z.]+)\$", source)}
    return found, begun


@PACKAGES
def test_every_language_has_the_same_keys_and_placeholders(package: str) -> None:
    texts = catalogue(package)
    assert tuple(texts) == LANGUAGES
    for language in LANGUAGES:
        assert texts[language].keys() == texts["en"].keys()
        for key, text in texts[language].items():
            assert text.strip() == text != ""
            places = re.findall(r"\{\w*\}?", text)
            assert sorted(places) == sorted(re.findall(r"\{\w+\}", texts["en"][key])), key


@pytest.mark.parametrize(
    ("package", "parts"),
    [
        (REVIEW, {"reason.": [one.value for one in Reason]}),
        (DESK, {"state.": [one.value for one in State], "checked.": ["no", "yes", "unreadable"]}),
        (EDITOR, {}),
    ],
)
def test_a_page_asks_for_all_of_them_and_for_no_other(
    package: str, parts: dict[str, list[str]]
) -> None:
    found, begun = keys_asked_for(package)
    assert begun == set(parts)
    found |= {start + end for start, ends in parts.items() for end in ends}
    assert found == set(catalogue(package)["en"])


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("es,fr;q=0.5,de;q=0.7", "de"),
        ("FR-be", "fr"),
        ("es;q=1, *;q=0.5", "en"),
        ("en;q=0.1, fr;q=0", "en"),
        ("fr;q=0", "en"),
        ("fr;q=x,, ;q=1, \xff, de", "de"),
        ("fr-" + "a" * 100_000, "en"),
    ],
)
def test_the_language_is_the_browser_s_first_that_there_is(accepted: str, language: str) -> None:
    assert language_for(accepted, LANGUAGES) == language
