"""Forms set by a real Chromium, in whatever fonts are installed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from forms_html import empty_forms
from forms_html.families import families

pytestmark = pytest.mark.skipif(
    shutil.which("chromedriver") is None or shutil.which("fc-list") is None,
    reason="chromium, chromium-driver and fontconfig are not installed",
)


@pytest.mark.parametrize("kind", ["form", "dense"])
def test_fields_lie_where_they_are_printed_and_come_back_from_the_cache(
    tmp_path: Path, kind: str
) -> None:
    try:
        families(held_out=False)
    except RuntimeError:
        pytest.skip("no font family to learn from is installed")
    forms = empty_forms(4, 0, tmp_path, held_out=False, kind=kind)
    for form in forms:
        height, width = form.page.shape
        assert form.fields
        assert form.print_boxes
        for field in form.fields:
            x, y, wide, high = field.box
            assert 0 <= x < x + wide <= width
            assert 0 <= y < y + high <= height
            if kind == "form" and field.kind in ("box", "comb", "cell"):
                edge = form.page[y + high // 3, max(x - 6, 0) : x + 8]
                assert edge.min() < 235, "a printed edge"
    again = empty_forms(4, 0, tmp_path, held_out=False, kind=kind)
    assert [form.fields for form in again] == [form.fields for form in forms]
