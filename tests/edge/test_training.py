"""The command hwr-train: it starts what a checkout has, and says what is missing elsewhere."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace

import pytest

from hwr_edge import training


def test_in_a_checkout_training_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    command = SimpleNamespace(main=lambda: begun.append("training"))
    monkeypatch.setitem(sys.modules, "hwr_convert", SimpleNamespace(training=command))
    monkeypatch.setitem(sys.modules, "hwr_convert.training", command)
    training.main()
    assert begun == ["training"]


def _missing(name: str) -> None:
    raise ModuleNotFoundError(name=name)


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("hwr_convert", "needs the project's sources"),
        ("hwr_convert.training", "needs the project's sources"),
    ],
)
def test_without_a_checkout_one_line_says_how_to_get_it(
    missing: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib, "import_module", lambda _: _missing(missing))
    with pytest.raises(SystemExit, match=said):
        training.main()


def test_without_the_packages_of_training_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command = SimpleNamespace(main=lambda: _missing("keras"))
    monkeypatch.setattr(importlib, "import_module", lambda _: command)
    with pytest.raises(
        SystemExit, match=r"needs the package keras; run: pip install -e '\.\[train\]'"
    ):
        training.main()
