"""Installed font families of print, split by name into those to learn from and those to measure with."""

from __future__ import annotations

import os
import subprocess
import zlib
from functools import cache

_LANGUAGES = ("en", "fr", "de", "es")
_NO_PRINT = (
    "Chorus", "Z003", "Script", "Humor", "Isabella", "Symbol", "Math", "Spleen", "Dingbats", "Caliban",
    "Elegante", "Emoji", "Phon", "IPA", "Cupola", "EMERITA", "Ellhnikh", "Conakry", "BABEL", "Jara", "Display Dots",
)  # fmt: skip
"""Parts of names: hands, symbols, families without small letters."""
_HELD_OUT = 4
"""One family in so many is for measuring."""


@cache
def families(held_out: bool) -> tuple[str, ...]:
    """Installed families with the letters of four languages, in the order of their names.

    held_out: those to measure with, which no training may set print in; else the others.

    Raises:
        RuntimeError: none is installed.
    """
    query = ["fc-list", f":lang={'|'.join(_LANGUAGES[:1])}", "family", "lang"]
    listed = subprocess.run(query, capture_output=True, text=True, check=True).stdout
    # The subset in which web fonts come lacks one French capital.
    spoken_by_all = set(_LANGUAGES) - ({"fr"} if "FONTCONFIG_FILE" in os.environ else set())
    found = set()
    for line in listed.splitlines():
        names, _, spoken = line.partition(":lang=")
        if spoken_by_all <= set(spoken.split("|")):
            found.add(names.partition(",")[0].replace("\\", ""))
    found = {name for name in found if not any(part in name for part in _NO_PRINT)}
    kept = sorted(name for name in found if is_held_out(name) == held_out)
    if not kept:
        raise RuntimeError("no font family is installed: apt-get install fonts-liberation ...")
    return tuple(kept)


def is_held_out(family: str) -> bool:
    """Whether a family is for measuring; its first word decides, so that cuts of one family stay together."""
    return zlib.crc32(family.split()[0].lower().encode()) % _HELD_OUT == 0
