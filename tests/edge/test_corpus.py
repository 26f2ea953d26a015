"""What fuzzing begins with and what it found: every parser gets through it (`make fuzz`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.seeds import CORPUS
from fuzz.targets import TARGETS

FILES = [path for name in TARGETS for path in sorted((CORPUS / name).iterdir())]


@pytest.mark.parametrize("path", FILES, ids=[f"{p.parent.name}/{p.name}" for p in FILES])
def test_a_file_of_the_corpus_ends_in_nothing_but_an_error_for_its_user(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_a_corpus() -> None:
    assert {path.parent.name for path in FILES} == set(TARGETS)
