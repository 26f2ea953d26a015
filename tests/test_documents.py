"""What the documents point at is there, and nothing in them was left to be filled in."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from documented import DOCUMENTS as RUNNABLE
from documented import ROOT, run, same, shown

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


def test_every_make_target_of_the_documents_exists() -> None:
    text = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    targets = set(re.findall(r"(?:^|`|&& )make ([a-z][a-z0-9-]+)", text, re.MULTILINE))
    assert len(targets) > 10
    for target in targets:
        known = subprocess.run(
            ["make", "-n", target, "DATA=x"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert known.returncode == 0, known.stderr


@pytest.mark.parametrize("document", RUNNABLE, ids=lambda p: p.name)
def test_commands_print_what_the_documents_show(document: Path, tmp_path: Path) -> None:
    """`PYTHONPATH=tests python -m documented` writes what they print now into the documents."""
    for one in shown(document.read_text(encoding="utf-8")):
        printed = run(one.command, tmp_path)
        assert same(one.output, printed), f"{one.command[-1]}\n{printed}"


def test_a_document_that_claims_another_output_is_found(tmp_path: Path) -> None:
    text = "```console\n$ echo a 0.51\na 0.50\n$ echo b\nc\n$ echo 0.9\n0.2\n```\n"
    claims = [same(one.output, run(one.command, tmp_path)) for one in shown(text)]
    assert claims == [True, False, False]


def test_the_readme_fits_on_a_page_or_two() -> None:
    assert len((ROOT / "README.md").read_bytes()) <= 7 * 1024
    assert len((ROOT / "ARCHITECTURE.md").read_bytes()) <= 12 * 1024


@pytest.mark.parametrize("name", ["ARCHITECTURE.md", "CONTRIBUTING.md", "docs/experiments.md"])
def test_every_module_that_is_named_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    there = {
        path.relative_to(ROOT).as_posix()
        for part in ("edge", "train", "convert", "tests")
        for path in (ROOT / part).rglob("*.*")
    }
    named = re.findall(r"`([\w/]+\.(?:py|js))`", text)
    assert named
    assert [n for n in named if not any(f"/{path}".endswith(f"/{n}") for path in there)] == []


def test_every_function_that_architecture_names_is_in_its_module() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)`: [^`|]*`(\w+)`", text)
    assert len(named) > 4
    for module, name in named:
        source = next(p for p in ROOT.glob("[etc]*/**/*.py") if f"/{p}".endswith(f"/{module}"))
        defined = rf"^\s*(?:def|class) {name}\b|^{name}\b"
        assert re.search(defined, source.read_text(encoding="utf-8"), re.MULTILINE), (module, name)
