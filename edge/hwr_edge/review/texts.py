"""The page's words in several languages: one catalogue, texts.json, and who is shown which."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files

DEFAULT = "en"
"""Who reads none of the catalogue's languages gets this one."""
_CHOICE = re.compile(
    r"([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]{1,40})?(?:\s*;\s*q=([01](?:\.\d{0,3})?))?"
)
_MOST = 1000  # letters of a header that are read

Catalogue = dict[str, dict[str, str]]
"""The texts by their key, by language."""


@cache
def catalogue(package: str) -> Catalogue:
    """All texts of a package's pages: of each language, which has a code of two letters, each key's."""
    found: Catalogue = json.loads(files(package).joinpath("texts.json").read_bytes())
    return found


def language_for(accepted: str, languages: tuple[str, ...]) -> str:
    """Which of the languages a browser asks for.

    Args:
        accepted: its Accept-Language header (RFC 9110, section 12.5.4); of whatever else there may be
            nothing is made.
        languages: that there are.
    """
    best, most = DEFAULT, 0.0
    for part in accepted[:_MOST].split(","):
        choice = _CHOICE.fullmatch(part.strip())
        if not choice:
            continue
        language = choice[1].lower()
        weight = min(1.0, float(choice[2] or 1))
        if language in languages and weight > most:
            best, most = language, weight
    return best
