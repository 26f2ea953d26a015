"""A template that is changed in the browser: what is shown, checked and saved, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("tomlkit")
pytest.importorskip("waitress")

from drawn_forms import BOXES, empty_form, written
from fakes import TINY_MODEL
from hwr_edge.desk.form_editor.draft import drawn_of
from hwr_edge.desk.form_editor.editor import ChangedMeanwhile, Editor
from hwr_edge.errors import DataError, ImageError
from hwr_edge.form.template import read_form
from hwr_edge.line.recognizer import Recognizer

BOX = list(BOXES[0])
TEXT = """\
# Made on Monday.
schema = 1
picture = "club.png"

[[field]]  # first
name = "nom"
box = [460, 240, 560, 90]

[[field]]
name = "prenom"
box = [460, 400, 560, 90]
"""


def field(name: str, box: object = None, **more: object) -> dict[str, Any]:
    return {"name": name, "box": box or BOX, **more}


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    """Of a drawn form with two fields, and a list beside it."""
    return Editor(write_template(tmp_path), lambda: Recognizer(TINY_MODEL))


def write_template(folder: Path, text: str = TEXT) -> Path:
    cv2.imwrite(str(folder / "club.png"), empty_form())
    (folder / "class.csv").write_text("Name\nAb\nBa\n", "utf-8")
    path = folder / "club.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_page_gets_the_fields_as_they_stand_there(editor: Editor) -> None:
    shown = editor.shown()
    (page,) = shown["pages"]
    assert page["size"] == (1200, 1500)
    assert [one["name"] for one in page["fields"]] == ["nom", "prenom"]
    assert page["fields"][1] == {
        "name": "prenom", "box": [460, 400, 560, 90], "kind": "name", "roster": "", "column": "", "origin": 1,
    }  # fmt: skip
    assert shown["lists"] == ["class.csv"]
    image = cv2.imdecode(np.frombuffer(editor.image(0), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert np.asarray(image).shape == (1500, 1200)
    with pytest.raises(DataError, match="has no page 2"):
        editor.image(1)


def test_saving_without_a_change_changes_nothing(editor: Editor) -> None:
    shown = editor.shown()
    drawn = drawn_of([page["fields"] for page in shown["pages"]])
    assert editor.save(drawn, shown["version"]) == shown["version"]
    assert editor.path.read_text("utf-8") == TEXT


def test_what_is_saved_is_a_template_with_its_comments(editor: Editor) -> None:
    fields = [field("name", BOX, origin=0, roster="class.csv", column="Name"), field("town", [460, 560, 560, 90], kind="text")]  # fmt: skip
    version = editor.save(drawn_of([fields]), editor.shown()["version"])
    assert editor.shown()["version"] == version
    form = read_form(editor.path)
    assert [(one.name, one.kind, one.roster) for one in form.fields] == [
        ("name", "name", editor.path.parent / "class.csv"), ("town", "text", None),
    ]  # fmt: skip
    assert "# Made on Monday.\n" in (text := editor.path.read_text("utf-8"))
    assert "[[field]]  # first\n" in text


def test_a_template_that_changed_on_the_disk_is_never_overwritten(editor: Editor) -> None:
    version = editor.shown()["version"]
    other = TEXT.replace("nom", "family")
    editor.path.write_text(other, "utf-8")
    with pytest.raises(
        ChangedMeanwhile, match=r"club\.toml was changed on the disk .* load the page again"
    ):
        editor.save(drawn_of([[field("mine")]]), version)
    assert editor.path.read_text("utf-8") == other
    editor.path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        editor.save(drawn_of([[field("mine")]]), version)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ([field("")], "a name must be non-empty text"),
        ([field("a"), field("a", [460, 400, 560, 90])], "two fields have the name 'a'"),
        ([field("a"), field("b")], "the fields 'a' and 'b' overlap"),
        ([field("a", [900, 10, 400, 50])], "is not inside the 1200x1500 image"),
        ([field("a", [-5, 10, 400, 50])], "is not inside the 1200x1500 image"),
        ([field("a", [10, 10, 0, 50])], "is empty"),
        ([field("image")], "the results already have a column 'image'"),
        ([field("a", kind="skip")], "one must be read"),
        ([], "no field is defined"),
        ([field("a", column="X")], "column needs roster"),
        ([field("a", roster="class.csv", kind="text")], "roster needs kind"),
        ([field("a", roster="../../etc/passwd")], "there is no list '../../etc/passwd'"),
        ([field("a", roster="/etc/passwd")], "there is no list '/etc/passwd'"),
    ],
)
def test_what_cannot_be_used_is_told_and_not_saved(
    editor: Editor, fields: list[dict[str, Any]], said: str
) -> None:
    drawn = drawn_of([fields])
    assert said in (problem := editor.problem(drawn))
    assert problem.count("\n") == 0
    assert str(editor.path.parent) not in problem
    with pytest.raises(DataError):
        editor.save(drawn, editor.shown()["version"])
    assert editor.path.read_text("utf-8") == TEXT


@pytest.mark.parametrize(
    "sent",
    [None, {}, [{}], [[{}]], [[3]], [[field("a", [1, 2, 3])]], [[field("a", [1, 2, 3, 4.5])]],
     [[field("a", [1, 2, 3, 1 << 40])]], [[field("a" * 1000)]], [[field("a", kind="tick")]],
     [[field("\ud800")]], [[field("a", origin="0")]], [[field("a")] * 2000], [[field("a", roster=3)]]],
)  # fmt: skip
def test_what_no_page_sends_is_refused(sent: object) -> None:
    with pytest.raises(DataError, match="not the fields of a form"):
        drawn_of(sent)


def test_unknown_keys_and_lists_from_elsewhere_are_kept(tmp_path: Path) -> None:
    text = TEXT + 'colour = "red"\nroster = "/srv/list.csv"\n'
    editor = Editor(write_template(tmp_path, text), lambda: Recognizer(TINY_MODEL))
    shown = editor.shown()
    shown["pages"][0]["fields"][1]["name"] = "given"
    editor.save(drawn_of([shown["pages"][0]["fields"]]), shown["version"])
    assert editor.path.read_text("utf-8") == text.replace("prenom", "given")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("schema = 1\n", "a page names no image"),
        ("schema = ", "not valid TOML"),
        ('picture = "a"\nfield = [{name = "a"}]\n', "is not written with"),
    ],
)
def test_a_template_that_cannot_be_kept_is_not_opened(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        Editor(write_template(tmp_path, text), lambda: Recognizer(TINY_MODEL))
    with pytest.raises(DataError, match="make one with `hwr-edge form new`"):
        Editor(tmp_path / "nowhere.toml", lambda: Recognizer(TINY_MODEL))


def test_lists_of_another_folder_can_be_chosen(tmp_path: Path) -> None:
    for name in ("forms", "lists"):
        (tmp_path / name).mkdir()
    (tmp_path / "lists" / "all.txt").write_text("Ab\n", "utf-8")
    path = write_template(tmp_path / "forms")
    editor = Editor(path, lambda: Recognizer(TINY_MODEL), tmp_path / "lists")
    assert editor.lists() == ["../lists/all.txt", "class.csv"]
    assert editor.problem(drawn_of([[field("a", roster="../lists/all.txt")]])) == ""


def test_a_filled_form_is_read_as_it_is_drawn(editor: Editor) -> None:
    drawn = drawn_of([[field("nom"), field("town", list(BOXES[2]))]])
    with pytest.raises(DataError, match="no filled form was given yet"):
        editor.try_on(drawn)
    filled = written(empty_form(), BOXES[2])
    assert editor.trial.give(cv2.imencode(".png", filled)[1].tobytes()) == 1
    found = editor.try_on(drawn)
    assert set(found["fields"]) == {"nom", "town"}
    assert found["fields"]["nom"]["text"] == ""
    assert found["notes"] == []
    assert editor.path.read_text("utf-8") == TEXT


def test_what_is_no_filled_form_is_told(editor: Editor) -> None:
    with pytest.raises(ImageError, match="the filled form: "):
        editor.trial.give(b"no image")
    editor.trial.give(cv2.imencode(".png", np.full((1500, 1200), 255, np.uint8))[1].tobytes())
    with pytest.raises(ImageError, match="does not look like the form"):
        editor.try_on(drawn_of([[field("nom")]]))
