"""The page on which a template's fields are drawn; web says who may ask it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bottle

from hwr_edge.desk.form_editor.draft import drawn_of
from hwr_edge.desk.form_editor.editor import ChangedMeanwhile, Editor
from hwr_edge.errors import DataError, HwrError
from hwr_edge.limits import IMAGE_BYTES
from hwr_edge.line.recognizer import Recognizer
from hwr_edge.review.handlers import body, texts
from hwr_edge.web import Page, Server
from hwr_edge.web.page import Route, file_of

_HOST = "127.0.0.1"
_PACKAGE = "hwr_edge.desk.form_editor"
_LARGEST = 1 << 20  # bytes of what is drawn
_ROOM = 1 << 20  # bytes of a request beside a filled form
_MORE = ("boxes.js", "history.js", "panel.js")

Find = Callable[..., Editor]
"""Gives the editor that an address's prefix names, from the parts of the prefix that vary."""


def make_editor(
    template: Path, recognizer: Callable[[], Recognizer], lists: Path | None = None
) -> Page:
    """The page of one template.

    Args:
        template: its TOML.
        recognizer: makes what reads a filled form, when one is tried.
        lists: a folder of lists, beside those in the template's own.

    Raises:
        DataError: the template cannot be read, or is written in a way that cannot be kept.
    """
    editor = Editor(template, recognizer, lists)
    page = Page("hwr-edge-form", _PACKAGE)
    add_routes(page, lambda: editor)
    return page


def open_editor(page: Page, port: int) -> tuple[Server, str]:
    """A server to run with `serve_forever`, and the address to open; OSError where the port is taken."""
    return page.open(_HOST, port, largest=IMAGE_BYTES + _ROOM)


def add_routes(page: Page, find: Find, prefix: str = "") -> None:
    """Serve an editor, or many, behind a page's token.

    Args:
        page: who is asked.
        find: which editor is meant: called with what varies in the prefix, by its name.
        prefix: begins all addresses, "" or such as "/forms/<form>"; the editor is at its "/".
    """
    handlers: list[Route] = [
        ("GET", "/template", _template),
        ("GET", "/image/<number:int>.jpg", _image),
        ("POST", "/check", _check),
        ("POST", "/save", _save),
        ("POST", "/filled", _filled),
        ("POST", "/try", _try),
    ]
    calls: list[Route] = [(method, path, _for(find, call)) for method, path, call in handlers]
    calls.append(("GET", "/texts", lambda **_: texts(_PACKAGE)))
    calls.append(("GET", "/texts.js", file_of("hwr_edge.review", "texts.js")))
    page.mount(prefix, calls, _PACKAGE, _MORE)


def _for(find: Find, handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler of the editor that the address names; what is wrong is told in a line."""

    def call(number: int | None = None, **which: Any) -> Any:
        try:
            return handler(find(**which), *([] if number is None else [number]))
        except ChangedMeanwhile as error:
            raise bottle.HTTPError(409, str(error)) from error
        except HwrError as error:
            raise bottle.HTTPError(400, str(error)) from error

    return call


def _template(editor: Editor) -> dict[str, Any]:
    return editor.shown()


def _image(editor: Editor, number: int) -> bytes:
    data = editor.image(number)
    bottle.response.content_type = "image/jpeg"
    return data


def _check(editor: Editor) -> dict[str, Any]:
    """What is wrong with what is drawn; an empty text where nothing is."""
    return {"problem": editor.problem(drawn_of(body(_LARGEST).get("pages")))}


def _save(editor: Editor) -> dict[str, Any]:
    sent = body(_LARGEST)
    version = sent.get("version")
    if not isinstance(version, str):
        raise DataError("the template's version is missing")
    return {"version": editor.save(drawn_of(sent.get("pages")), version)}


def _filled(editor: Editor) -> dict[str, Any]:
    """Take a filled form: its bytes, of a type that no other site's form can send."""
    request = bottle.request
    length = request.environ.get("CONTENT_LENGTH") or ""
    if not length.isdecimal():
        raise bottle.HTTPError(411, "the length is missing")
    if len(length) > 12 or int(length) > IMAGE_BYTES:
        raise bottle.HTTPError(413, f"larger than {IMAGE_BYTES >> 20} MiB")
    if request.content_type != "application/octet-stream":
        raise bottle.HTTPError(400, "a file's bytes are needed")
    return {"pages": editor.trial.give(request.body.read(IMAGE_BYTES))}


def _try(editor: Editor) -> dict[str, Any]:
    return editor.try_on(drawn_of(body(_LARGEST).get("pages")))
