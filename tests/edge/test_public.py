"""What `import hwr_edge` offers, and the examples of its documents."""

from __future__ import annotations

import doctest
import io
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

import hwr_edge

ROOT = Path(__file__).resolve().parents[2]


def test_all_that_is_offered_is_there_and_listed() -> None:
    for name in hwr_edge.__all__:
        assert getattr(hwr_edge, name) is not None
    assert set(hwr_edge.__all__) <= set(dir(hwr_edge))
    with pytest.raises(AttributeError, match="no attribute 'reed'"):
        _ = hwr_edge.reed


@pytest.mark.parametrize(
    "document", [ROOT / "docs" / "python.md", Path(hwr_edge.__file__)], ids=lambda path: path.name
)
def test_the_examples_of_the_documents_run(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("PIL.Image")  # of which the examples have one
    text = document.read_text(encoding="utf-8")
    if document.suffix == ".py":
        text = hwr_edge.__doc__ or ""
    plain = re.sub(r"^```.*$", "", text, flags=re.MULTILINE)  # else it would be an expected line
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(plain, {}, str(document), str(document), 0)
    assert test.examples
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert not said, "".join(said)


def test_the_web_service_of_the_documents_answers_many_at_once() -> None:
    pytest.importorskip("bottle")
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    (program,) = re.findall(
        r"^```python\n(import bottle\n.*?)^```$", text, re.MULTILINE | re.DOTALL
    )
    service: dict[str, Any] = {"__name__": "service"}
    exec(program, service)
    names = ["manon", "thomas", "maeva"] * 8

    def post(data: bytes) -> tuple[str, dict[str, Any]]:
        told: list[str] = []
        asked: dict[str, Any] = {"REQUEST_METHOD": "POST", "PATH_INFO": "/read"}
        asked |= {"CONTENT_LENGTH": str(len(data)), "wsgi.input": io.BytesIO(data)}
        asked |= {"CONTENT_TYPE": "image/png"}
        setup_testing_defaults(asked)
        answer = b"".join(service["app"].wsgi(asked, lambda status, *_: told.append(status)))
        return told[0], json.loads(answer)

    with ThreadPoolExecutor(8) as threads:
        images = [(ROOT / "examples" / f"{name}.png").read_bytes() for name in names]
        answers = list(threads.map(post, images))
    assert [status for status, _ in answers] == ["200 OK"] * len(names)
    assert [found["names"][0]["text"] for _, found in answers] == [name.upper() for name in names]
    status, answer = post(b"no image")
    assert (status, answer["error"][:10]) == ("400 Bad Request", "the image:")
