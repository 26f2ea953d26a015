"""A form's TOML read, and one made from an empty form."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from drawn_forms import BOXES, empty_form
from hwr_edge.errors import DataError, ImageError, OutputError
from hwr_edge.form.fields import FieldCutter
from hwr_edge.form.new import EmptyPage, new_form, new_pages
from hwr_edge.form.template import check_names, fields_read, files_of, read_form, read_pages
from hwr_edge.image.pdf_fields import PdfField

_GOOD = 'schema = 1\npicture = "p.png"\n[[field]]\nname = "Nom d\'élève"\nbox = [1, 2, 30, 10]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an image of 100 by 50 pixels."""
    cv2.imwrite(str(tmp_path / "p.png"), np.full((50, 100), 255, np.uint8))
    return tmp_path


def _read(folder: Path, text: str) -> str:
    """The one line that refuses a TOML, without its path."""
    path = folder / "f.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as refused:
        read_form(path)
    said = str(refused.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    return said.removeprefix(f"{path}: ")


def test_a_form_has_its_image_and_its_fields_in_order(folder: Path) -> None:
    path = folder / "f.toml"
    path.write_text(_GOOD + '[[field]]\nname = "b"\nbox = [0, 12, 100, 38]\n', encoding="utf-8")
    form = read_form(path)
    assert [(field.name, field.box) for field in form.fields] == [
        ("Nom d'élève", (1, 2, 30, 10)),
        ("b", (0, 12, 100, 38)),
    ]
    assert form.image.shape == (50, 100)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("schema = 1", "schema = "), "not valid TOML"),
        (("schema = 1", "schema = 2"), "schema = 1, not 2"),
        (("schema = 1", "schema = true"), "schema = 1, not True"),
        (("schema = 1\n", ""), "schema = 1, not None"),
        (('"p.png"', '"q.png"'), "q.png"),
        (('picture = "p.png"\n', ""), "no image is named"),
        (("schema = 1", "schema = 1\ncolour = 3"), "unknown key 'colour'"),
        (("box =", "size = 3\nbox ="), "field 1 has name, box"),
        (("[1, 2, 30, 10]", "[1, 2, 30]"), "four whole numbers, not [1, 2, 30]"),
        (("[1, 2, 30, 10]", "[1, 2, 30.5, 10]"), "four whole numbers"),
        (("[1, 2, 30, 10]", "[1, 2, true, 10]"), "four whole numbers"),
        (("box = [1, 2, 30, 10]", ""), "four whole numbers, not None"),
        (("[1, 2, 30, 10]", "[1, 2, 0, 10]"), "is empty"),
        (("[1, 2, 30, 10]", "[1, 2, -3, 10]"), "is empty"),
        (("[1, 2, 30, 10]", "[71, 2, 30, 10]"), "not inside the 100x50 image"),
        (("[1, 2, 30, 10]", "[-1, 2, 30, 10]"), "not inside the 100x50 image"),
        (("Nom d'élève", ""), "non-empty"),
        (("Nom d'élève", " a"), "spaces at its ends"),
        (("Nom d'élève", "a\\tb"), "tabs"),
        (("Nom d'élève", "a\\nb"), "line breaks"),
        (('name = "Nom d\'élève"\n', ""), "non-empty text, not None"),
    ],
)
def test_a_wrong_toml_is_refused_in_one_line(
    folder: Path, change: tuple[str, str], said: str
) -> None:
    assert change[0] in _GOOD
    assert said in _read(folder, _GOOD.replace(*change))


def test_a_form_without_fields_is_refused(folder: Path) -> None:
    assert "no field is defined" in _read(folder, _GOOD.partition("[[")[0])
    assert "no field is defined" in _read(folder, _GOOD.partition("[[")[0] + "field = 3")
    assert "is not a table" in _read(folder, _GOOD.partition("[[")[0] + "field = [3]")


def test_two_fields_of_one_name_are_refused(folder: Path) -> None:
    twice = _GOOD + _GOOD[_GOOD.index("[[") :]
    assert "two fields have the name" in _read(folder, twice)


@pytest.mark.parametrize("name", ["image", "turn"])
def test_a_field_that_has_the_name_of_another_column_is_refused(folder: Path, name: str) -> None:
    found = _read(folder, re.sub(r'name = "[^"]*"', f'name = "{name}"', _GOOD, count=1))
    assert f"the results already have a column '{name}'" in found


def test_a_field_must_not_be_another_ones_confidence() -> None:
    check_names(["name", "confidence"])
    with pytest.raises(ValueError, match="the results already have a column 'name confidence'"):
        check_names(["name", "name confidence"])


def test_a_missing_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_form(tmp_path / "none.toml")


def test_a_new_form_can_be_read_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "school.toml"
    made = new_form(empty_form(), path, ['Nom "usuel"', "Prénom"])
    form = read_form(path)
    assert [field.name for field in form.fields] == ['Nom "usuel"', "Prénom", "field3", "field4"]
    assert form.fields == made.fields
    assert np.array_equal(form.image, made.image)
    shown = cv2.imread(str(tmp_path / "school-fields.png"))
    assert shown is not None
    assert shown.shape == (*form.image.shape, 3)
    with pytest.raises(OutputError, match="already exists"):
        new_form(empty_form(), path)


@pytest.mark.parametrize("there", ["school.png", "school-fields.png"])
def test_no_image_of_anybody_is_overwritten_by_a_new_form(tmp_path: Path, there: str) -> None:
    (tmp_path / there).write_bytes(b"mine")
    with pytest.raises(OutputError, match=there):
        new_form(empty_form(), tmp_path / "school.toml")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [(there, b"mine")]


def test_a_new_form_leaves_nothing_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="not valid Unicode"):
        new_form(empty_form(), tmp_path / "f\udcff.toml")
    with pytest.raises(OutputError):
        new_form(empty_form(), tmp_path / "none" / "school.toml")
    with pytest.raises(ImageError, match="no box or line"):
        new_form(np.full((900, 700), 255, np.uint8), tmp_path / "school.toml")
    with pytest.raises(DataError, match="5 names given, but 4 fields found"):
        new_form(empty_form(), tmp_path / "school.toml", list("abcde"))
    with pytest.raises(DataError, match="two fields have the name 'a'"):
        new_form(empty_form(), tmp_path / "school.toml", ["a", "a"])
    assert list(tmp_path.iterdir()) == []


def test_a_new_form_is_no_larger_than_it_needs_to_be(tmp_path: Path) -> None:
    large = cv2.resize(empty_form(), None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)
    form = new_form(np.asarray(large, np.uint8), tmp_path / "f.toml")
    assert max(form.image.shape) == 2500
    assert len(form.fields) == len(BOXES)


def test_fields_that_lie_on_each_other_are_refused(folder: Path) -> None:
    twice = _GOOD + _GOOD[_GOOD.index("[[") :].replace("Nom", "Autre nom")
    assert "overlap" in _read(folder, twice)


@pytest.mark.parametrize("key", [".".join("a" * 50_000), "[" + ".".join(["'a'"] * 5_000) + "]"])
def test_a_key_of_thousands_of_parts_is_refused_before_it_is_parsed(folder: Path, key: str) -> None:
    line = key if key.startswith("[") else f"{key} = 1"
    assert "a key has more than 8 parts" in _read(folder, f"{_GOOD}\n{line}\n")


def test_dots_in_names_and_comments_are_no_parts_of_a_key(folder: Path) -> None:
    dotted = _GOOD.replace('name = "', 'name = "1.2.3.4.5.6.7.8.9.10 ', 1)
    (folder / "f.toml").write_text(dotted + "# 1.2.3.4.5.6.7.8.9.10\n")
    assert read_form(folder / "f.toml").fields[0].name.startswith("1.2.3.4.5.6.7.8.9.10 ")


def test_a_template_of_megabytes_is_refused(folder: Path) -> None:
    assert "larger than 1 MiB; is it the right file" in _read(folder, _GOOD + "#" * (1 << 20))


def test_thousands_of_fields_are_not_compared_each_with_each(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def count(*_: object) -> bool:
        compared.append(1)
        return False

    monkeypatch.setattr("hwr_edge.form.template.lie_on_each_other", count)
    cv2.imwrite(str(folder / "p.png"), np.full((1000, 1000), 255, np.uint8))
    places = [(x, y) for y in range(0, 900, 15) for x in range(0, 900, 15)]
    fields = [f'[[field]]\nname = "{x},{y}"\nbox = [{x}, {y}, 16, 10]\n' for x, y in places]
    (folder / "f.toml").write_text('schema = 1\npicture = "p.png"\n' + "".join(fields))
    form = read_form(folder / "f.toml")
    assert len(compared) < 2 * len(places)
    cutter = FieldCutter(form)
    assert max(len(cutter._near(k)) for k in range(len(places))) < 30


def test_a_field_says_what_it_holds_and_whose_names_may_stand_there(folder: Path) -> None:
    path = folder / "f.toml"
    field = '[[field]]\nname = "{0}"\nbox = [1, {1}, 30, 10]\nkind = "{2}"\n'
    rows = [
        field.format("a", 2, "text"),
        field.format("b", 14, "skip"),
        field.format("c", 26, "name"),
    ]
    path.write_text(
        'schema = 1\npicture = "p.png"\n' + "".join(rows) + 'roster = "l.csv"\ncolumn = "Nom"\n',
        encoding="utf-8",
    )
    form = read_form(path)
    assert [field.kind for field in form.fields] == ["text", "skip", "name"]
    assert (form.fields[2].roster, form.fields[2].column) == (folder / "l.csv", "Nom")
    assert [field.name for field in fields_read(path)] == ["a", "c"]
    assert files_of(path) == [folder / "p.png", folder / "l.csv"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('kind = "word"', "kind must be 'name', 'text', 'skip', not 'word'"),
        ('kind = "skip"', "one must be read"),
        ('kind = "text"\nroster = "l.csv"', 'roster needs kind = "name"'),
        ('column = "Nom"', "column needs roster"),
        ("roster = 3", "roster must be the name of a file"),
    ],
)
def test_what_a_field_cannot_hold_is_refused(folder: Path, more: str, said: str) -> None:
    assert said in _read(folder, _GOOD + more + "\n")


def test_a_form_has_several_pages_each_with_its_image(folder: Path) -> None:
    path = folder / "f.toml"
    page = '[[page]]\npicture = "p.png"\n[[page.field]]\nname = "{0}"\nbox = [1, 2, 30, 10]\n'
    path.write_text("schema = 1\n" + page.format("a") + page.format("b"), encoding="utf-8")
    assert [[f.name for f in form.fields] for form in read_pages(path)] == [["a"], ["b"]]
    twice = "schema = 1\n" + page.format("a") + page.format("a")
    assert "two fields have the name 'a'" in _read(folder, twice)
    assert "must follow each [[page]]" in _read(folder, _GOOD + page.format("b"))


def test_a_new_form_of_front_and_back_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "school.toml"
    new_pages([EmptyPage(empty_form(), "front"), EmptyPage(empty_form(), "back")], path, ["Nom"])
    front, back = read_pages(path)
    assert [f.name for f in (*front.fields, *back.fields)] == [
        "Nom",
        *(f"field{k}" for k in range(2, 9)),
    ]
    assert (tmp_path / "school-2-fields.png").is_file()
    blank = np.full((900, 700), 255, np.uint8)
    with pytest.raises(ImageError, match="back: no box or line"):
        new_pages(
            [EmptyPage(empty_form(), "front"), EmptyPage(blank, "back")], tmp_path / "other.toml"
        )
    assert not (tmp_path / "other.toml").exists()


def _pdf_page(*fields: tuple[str, tuple[float, float, float, float]]) -> EmptyPage:
    return EmptyPage(empty_form(), "page", [PdfField(1, name, box) for name, box in fields])


def test_a_fillable_pdf_s_fields_are_the_form_s_own(tmp_path: Path) -> None:
    page = _pdf_page(
        ("first name", (0.5, 0.1, 0.9, 0.15)),
        ("surname", (0.1, 0.1, 0.4, 0.15)),
        ("town", (0.1, 0.3, 0.9, 0.35)),
        ("again", (0.11, 0.3, 0.9, 0.35)),
    )
    (form,) = new_pages([page], tmp_path / "school.toml")
    assert [field.name for field in form.fields] == ["surname", "first name", "town"]
    height, width = form.image.shape
    assert form.fields[2].box[0] == pytest.approx(0.1 * width, abs=1)
    assert form.fields[2].box[3] == pytest.approx(0.05 * height, abs=2)
    assert [f.name for f in read_form(tmp_path / "school.toml").fields] == [
        "surname", "first name", "town",
    ]  # fmt: skip


def test_names_of_a_pdf_that_come_twice_or_are_taken_get_a_number(tmp_path: Path) -> None:
    rows = [(name, (0.1, 0.1 * k, 0.9, 0.1 * k + 0.05)) for k, name in enumerate(["page", "", "x", "x", "x"], 1)]  # fmt: skip
    (form,) = new_pages([_pdf_page(*rows)], tmp_path / "a.toml", ["x"])
    assert [field.name for field in form.fields] == ["x", "field2", "x 2", "x 3", "x 4"]
    (form,) = new_pages([_pdf_page(*rows)], tmp_path / "b.toml")
    assert [field.name for field in form.fields] == ["page 2", "field2", "x", "x 2", "x 3"]
