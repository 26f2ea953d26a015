"""What the documents point at is there, and nothing in them was left to be filled in."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "models").glob("*.md"), *(ROOT / "docs").glob("*.md")]
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_no_placeholder_is_left(document: Path) -> None:
    assert re.findall(r"@[A-Z]+@|TODO|FIXME", document.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "models/README.md"])
def test_every_make_target_of_the_documents_exists(name: str) -> None:
    targets = set(
        re.findall(r"\bmake ([a-z][a-z0-9-]+)", (ROOT / name).read_text(encoding="utf-8"))
    )
    for target in targets:
        known = subprocess.run(
            ["make", "-n", target, "DATA=x"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert known.returncode == 0, known.stderr
