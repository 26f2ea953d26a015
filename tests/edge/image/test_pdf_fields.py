from __future__ import annotations

from pathlib import Path

import pytest

from fillable import Widget, fillable_pdf
from hwr_edge.errors import ImageError
from hwr_edge.image import pdf_fields as module
from hwr_edge.image.document import Document
from hwr_edge.image.pdf_fields import PdfField, text_fields

pytest.importorskip("pypdfium2")

NAME = Widget("form[0].page[0].surname[0]", (20, 240, 180, 270))
TOLD = Widget("f1", (20, 180, 180, 210), "First   name")


def test_text_fields_that_are_seen_have_names_and_places() -> None:
    hidden = Widget("later", (20, 90, 80, 120), flags=2)
    box = Widget("agreed", (20, 20, 40, 40), kind="Btn")
    found = text_fields(fillable_pdf([NAME, TOLD, hidden, box]))
    assert [(field.page, field.name) for field in found] == [(1, "surname"), (1, "First name")]
    assert found[0].box == pytest.approx((0.1, 0.1, 0.9, 0.2), abs=1e-4)
    assert found[1].box == pytest.approx((0.1, 0.3, 0.9, 0.4), abs=1e-4)


def test_a_page_that_is_shown_turned_has_its_fields_where_they_are_seen() -> None:
    (field,) = text_fields(fillable_pdf([NAME], turn=90))
    assert field.box == pytest.approx((0.8, 0.1, 0.9, 0.9), abs=1e-4)


def test_a_long_tip_is_an_explanation_and_no_name() -> None:
    (field,) = text_fields(fillable_pdf([NAME._replace(tip="Write your name as " * 5)]))
    assert field.name == "surname"


@pytest.mark.parametrize(
    ("title", "name"), [("=1+2", "1+2"), ("@SUM", "SUM"), ("a\\tb\\n", "a b"), ("--", "")]
)
def test_a_name_is_one_line_and_no_formula(title: str, name: str) -> None:
    (field,) = text_fields(fillable_pdf([NAME._replace(title=title)]))
    assert field.name == name


@pytest.mark.parametrize("on_disk", [True, False])
def test_a_document_gives_the_fields_of_a_page(tmp_path: Path, on_disk: bool) -> None:
    path, data = tmp_path / "form.pdf", fillable_pdf([NAME])
    path.write_bytes(data)
    document = Document(str(path)) if on_disk else Document("sent", data)
    (field,) = document.text_fields()
    assert isinstance(field, PdfField)
    assert field.name == "surname"
    assert document.text_fields(2) == []
    assert document.grey().shape[0] == 1250


def test_other_files_have_none(tmp_path: Path) -> None:
    from fakes import draw
    from images import encode

    assert Document("image", encode(".png", draw("A"))).text_fields() == []
    assert Document("plain", fillable_pdf([])).text_fields() == []


def test_more_fields_than_a_form_has_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 1)
    with pytest.raises(ImageError, match="more than 1 form fields; split it"):
        text_fields(fillable_pdf([NAME, TOLD]))
