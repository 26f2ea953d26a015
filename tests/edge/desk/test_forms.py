"""The desk's forms: made of an empty scan, and drawn in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("tomlkit")
pytest.importorskip("waitress")

from desks import Client, running
from drawn_forms import empty_form, written
from fillable import Widget, fillable_pdf
from hwr_edge.desk.reading_options import ReadingOptions
from hwr_edge.form.template import read_form
from hwr_edge.scan import form_reader


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with running(tmp_path / "desk") as found:
        yield found


def test_a_form_is_made_of_an_empty_scan_drawn_and_tried(client: Client) -> None:
    scan = cv2.imencode(".png", empty_form())[1].tobytes()
    assert client.send("/forms/new", {"club.png": scan}).json == {"name": "club.toml"}
    place = client.desk.place
    (place.lists / "class.csv").write_text("Name\nAb\nBa\n", "utf-8")
    ids = client.ask("GET", "/forms/ids").json["ids"]
    assert list(ids) == ["club.toml"]
    edit = f"/forms/{ids['club.toml']}/edit"
    assert client.ask("GET", "/forms/club.toml/edit/template").status == 404
    assert client.ask("GET", f"{edit}/").status == 200
    shown = client.ask("GET", f"{edit}/template").json
    fields = shown["pages"][0]["fields"]
    assert len(fields) == len(read_form(place.forms / "club.toml").fields)
    assert shown["lists"] == ["../lists/class.csv"]
    fields[0] |= {"name": "family", "roster": "../lists/class.csv", "column": "Name"}
    sent = {"pages": [fields], "version": shown["version"]}
    assert client.ask("POST", f"{edit}/save", sent).status == 200
    first = read_form(place.form_path("club.toml")).fields[0]
    assert (first.name, first.roster and first.roster.resolve()) == ("family", (place.lists / "class.csv").resolve())  # fmt: skip
    fields[0] |= {"roster": "", "column": ""}
    filled = cv2.imencode(".png", written(empty_form(), first.box))[1].tobytes()
    octets = {"Content_Type": "application/octet-stream"}
    assert client.ask("POST", f"{edit}/filled", filled, **octets).json == {"pages": 1}
    found = client.ask("POST", f"{edit}/try", {"pages": [fields]}).json
    assert set(found["fields"]) == {field["name"] for field in fields}
    assert client.send("/forms/new", {"club.png": scan}).json == {"name": "club-form2.toml"}


def test_a_fillable_pdf_brings_its_fields(client: Client) -> None:
    pytest.importorskip("pypdfium2")
    data = fillable_pdf([Widget("surname", (20, 240, 180, 270))])
    assert client.send("/forms/new", {"club.pdf": data}).json == {"name": "club.toml"}
    form = read_form(client.desk.place.forms / "club.toml")
    assert [field.name for field in form.fields] == ["surname"]


def test_what_is_no_empty_form_is_told_and_leaves_nothing(client: Client) -> None:
    blank = cv2.imencode(".png", np.full((900, 700), 255, np.uint8))[1].tobytes()
    for data, said in ((blank, b"no box or line to write on"), (b"none", b"club.png: ")):
        reply = client.send("/forms/new", {"../club.png": data})
        assert (reply.status, said in reply.body, b"Traceback" in reply.body) == (422, True, False)
        assert str(client.desk.place.folder).encode() not in reply.body
    assert list(client.desk.place.forms.iterdir()) == []


def test_there_is_no_other_form_and_nobody_without_the_token(client: Client) -> None:
    for path in ("/forms/nowhere.toml/edit/template", "/forms/..%2f.token/edit/template"):
        assert client.ask("GET", path).status == 404
    for path in ("/forms/a.toml/edit/", "/forms/a.toml/edit/template"):
        assert client.ask("GET", path, Authorization="Bearer wrong").status == 401
    assert client.ask("POST", "/forms/new", b"", Authorization="Bearer wrong").status == 401


def test_a_form_is_looked_at_once_whatever_else_is_asked(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Path] = []

    class Counted(form_reader.KnownForm):
        def __init__(self, path: Path) -> None:
            made.append(path)
            super().__init__(path)

    monkeypatch.setattr(form_reader, "KnownForm", Counted)
    scan = cv2.imencode(".png", empty_form())[1].tobytes()
    client.send("/forms/new", {"club.png": scan})
    path = client.desk.place.form_path("club.toml")
    readers = client.desk.readers
    ready = [readers.ready(ReadingOptions(form="club.toml", top=top), None, path) for top in (1, 2)]
    assert ready[0].scanner is not ready[1].scanner
    client.new(form="club.toml")
    assert made == [path]
    path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
    readers.ready(ReadingOptions(form="club.toml"), None, path)
    assert made == [path, path]
