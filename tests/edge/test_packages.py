"""The docstrings of packages name what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from packages import defined, docstring, packages, public_names


@pytest.mark.parametrize("folder", packages("hwr_edge"), ids=lambda folder: folder.name)
def test_the_public_names_of_a_package_are_there(folder: Path) -> None:
    for public in public_names(folder):
        module, name = public.split(".")
        assert name in defined(folder / f"{module}.py"), public


@pytest.mark.parametrize("folder", packages("hwr_edge"), ids=lambda folder: folder.name)
def test_a_package_says_what_comes_in_what_goes_out_and_what_is_public(folder: Path) -> None:
    assert re.search(r"\n\nIn: .+\sOut: .+\nPublic: ", docstring(folder), re.DOTALL)
    assert public_names(folder)
