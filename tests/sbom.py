"""A software bill of materials for each wheel in dist/, beside it: `python tests/sbom.py`.

It lists the wheel, the models in it, and what it needs, in the versions of this environment (CycloneDX 1.6).
"""

from __future__ import annotations

import hashlib
import re
import sys
import zipfile
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

_MODELS = (".tflite", ".npz")


def needed(requirements: list[str], extras: frozenset[str] = frozenset()) -> dict[str, str]:
    """Packages that requirements bring, and those that these bring, with their versions here."""
    found: dict[str, str] = {}
    waiting = [(Requirement(text), extras) for text in requirements]
    while waiting:
        one, asked = waiting.pop()
        markers = [{"extra": extra} for extra in asked or {""}]
        if one.marker and not any(one.marker.evaluate(marker) for marker in markers):
            continue
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        if name in found:
            continue
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        more = metadata.requires(name) or []
        waiting += [(Requirement(text), frozenset(one.extras)) for text in more]
    return found


def bill_of(wheel: Path) -> Bom:
    """The bill of a wheel."""
    bom = Bom()
    with zipfile.ZipFile(wheel) as archive:
        (place,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        said = HeaderParser().parsestr(archive.read(place).decode("utf-8"))
        bom.metadata.component = Component(
            name=said["Name"], version=said["Version"], type=ComponentType.APPLICATION
        )
        for name in archive.namelist():
            if name.endswith(_MODELS):
                digest = hashlib.sha256(archive.read(name)).hexdigest()
                checksum = HashType(alg=HashAlgorithm.SHA_256, content=digest)
                bom.components.add(
                    Component(
                        name=name, type=ComponentType.MACHINE_LEARNING_MODEL, hashes=[checksum]
                    )
                )
    for name, version in needed(said.get_all("Requires-Dist") or []).items():
        purl = PackageURL("pypi", name=name, version=version)
        bom.components.add(Component(name=name, version=version, purl=purl))
    bom.register_dependency(bom.metadata.component, list(bom.components))
    return bom


def main() -> int:
    """Write WHEEL.cdx.json for each wheel."""
    for wheel in sorted(Path("dist").glob("*.whl")):
        path = wheel.with_suffix(".cdx.json")
        path.write_text(JsonV1Dot6(bill_of(wheel)).output_as_string(indent=1), encoding="utf-8")
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
