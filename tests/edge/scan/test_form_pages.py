"""Which pages of a document show a form."""

from __future__ import annotations

import pytest

from hwr_edge.scan.form_pages import FormPages


@pytest.mark.parametrize(
    ("text", "pages"),
    [
        ("1", [1]),
        ("2,4", [2, 4]),
        ("1-3", [1, 2, 3]),
        ("1/6", [1, 7]),
        ("1-2/6", [1, 2, 7, 8]),
        ("6/6", [6, 12]),
    ],
)
def test_pages_are_named_one_by_one_or_by_every_how_many(text: str, pages: list[int]) -> None:
    asked = FormPages.of(text)
    assert [page for page in range(1, 13) if page in asked] == pages


@pytest.mark.parametrize("text", ["", "0", "3-1", "1/0", "7/6", "a", "1/", "1,,2", "1-99999"])
def test_what_names_no_pages_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"page"):
        FormPages.of(text)
