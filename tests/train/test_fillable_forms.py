"""The benchmark that compares proposals with the fields of PDFs."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.fillable_forms import compare, pages_of
from fillable import Widget, fillable_pdf


def test_a_proposal_counts_where_it_covers_a_field_and_is_false_where_it_touches_none() -> None:
    fields = [(10.0, 10.0, 110.0, 30.0), (10.0, 50.0, 110.0, 70.0)]
    assert compare(fields, [(8, 5, 110, 30), (10, 48, 60, 24)]) == (1, 0)
    assert compare(fields, [(200, 200, 50, 20)]) == (0, 1)


def test_pages_with_fields_are_the_forms_of_a_pdf(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2")
    path = tmp_path / "form.pdf"
    path.write_bytes(fillable_pdf([Widget(f"f{k}", (20, 40 * k, 180, 40 * k + 25)) for k in range(1, 6)]))  # fmt: skip
    (page,) = pages_of(path)
    assert len(page.fields) == 5
    left, top, right, low = page.fields[0]
    height, width = page.grey.shape
    assert (left / width, right / width) == pytest.approx((0.1, 0.9), abs=0.01)
    assert (top / height, low / height) == pytest.approx((235 / 300, 260 / 300), abs=0.01)
    path.write_bytes(fillable_pdf([]))
    assert not list(pages_of(path))
