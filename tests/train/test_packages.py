"""The docstrings of packages name what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from packages import defined, packages, public_names


@pytest.mark.parametrize("folder", packages("hwr_train"), ids=lambda folder: folder.name)
def test_the_public_names_of_a_package_are_there(folder: Path) -> None:
    for public in public_names(folder):
        module, name = public.split(".")
        assert name in defined(folder / f"{module}.py"), public


def test_most_packages_name_something_public() -> None:
    assert (
        sum(bool(public_names(folder)) for folder in packages("hwr_train"))
        > len(packages("hwr_train")) / 2
    )
