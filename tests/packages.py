"""What packages say of themselves, checked against their sources; nothing is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path


def packages(name: str) -> list[Path]:
    """The folders of a package's own packages."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return sorted(path.parent for path in Path(spec.origin).parent.glob("*/**/__init__.py"))


def public_names(folder: Path) -> list[str]:
    """What a package's docstring says after "Public:", as `module.name`."""
    return re.findall(r"`(\w+\.\w+)`", docstring(folder).partition("Public:")[2])


def docstring(folder: Path) -> str:
    """What a package says of itself."""
    return ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))) or ""


def defined(module: Path) -> Iterator[str]:
    """The names that a module defines at its top level."""
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if isinstance(target, ast.Name):
                yield target.id
