"""What `import hwr_edge` offers, and the examples of its documents."""

from __future__ import annotations

import doctest
import re
import shutil
from pathlib import Path

import pytest

import hwr_edge

ROOT = Path(__file__).resolve().parents[2]


def test_all_that_is_offered_is_there_and_listed() -> None:
    for name in hwr_edge.__all__:
        assert getattr(hwr_edge, name) is not None
    assert set(hwr_edge.__all__) <= set(dir(hwr_edge))
    with pytest.raises(AttributeError, match="no attribute 'reed'"):
        _ = hwr_edge.reed


@pytest.mark.parametrize("document", ["docs/python.md", "edge/hwr_edge/__init__.py"])
def test_the_examples_of_the_documents_run(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    if document.endswith(".py"):
        text = hwr_edge.__doc__ or ""
    plain = re.sub(r"^```.*$", "", text, flags=re.MULTILINE)  # else it would be an expected line
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    test = doctest.DocTestParser().get_doctest(plain, {}, document, document, 0)
    assert test.examples
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert not said, "".join(said)
