"""The list of people in a review: names to choose while one types, and who is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hwr_edge.line.charset import fold
from hwr_edge.results.matched import Matches, names_by_writing
from hwr_edge.results.roster_file import People
from hwr_edge.review.answer_file import Answer
from hwr_edge.review.results import Results

_SHOWN = 8  # names at a time


class Suggestion(NamedTuple):
    """A name of the list, and whether everybody of that name was found elsewhere."""

    name: str
    taken: bool


class NameList:
    """A list of people beside the results."""

    def __init__(self, people: People, results: Results) -> None:
        self.people = people
        self._results = results
        self._written = names_by_writing(people)
        self._exact = {name.casefold(): name for name in people.names}
        self._proposed = [self._named(row.proposed) for row in results.rows]
        every = (
            (way, name) for name in people.names for way in (name, *people.others.get(name, ()))
        )
        self._ways = [(fold(way), name) for way, name in every]

    def _named(self, text: str) -> str | None:
        """The list's own spelling of a text; None where it is none of the list."""
        return self._exact.get(text.casefold()) or self._written.get(fold(text))

    def found(self, answers: Mapping[int, Answer]) -> Iterator[str]:
        """The list's name in each row that has one, as it was answered, else proposed."""
        return (name for _, name, _ in self._found(answers))

    def _found(self, answers: Mapping[int, Answer]) -> Iterator[tuple[int, str, bool]]:
        """Each row that says somebody of the list: its place, the name, whether it is settled."""
        for place, proposed in enumerate(self._proposed):
            answer = answers.get(place)
            name = proposed if answer is None else self._named(answer.text or "")
            if name is not None:
                settled = answer is not None or not self._results.rows[place].doubtful
                yield place, name, settled

    def suggest(self, typed: str, place: int, answers: Mapping[int, Answer]) -> list[Suggestion]:
        """The list's names for what is typed, some at most.

        Names that no other row has, as it was answered or surely read, come first; among these, names
        that begin with what is typed, then those with such a word, then those that hold it.
        """
        wanted = fold(typed)
        if not wanted:
            return []
        taken = Counter(name for k, name, settled in self._found(answers) if settled and k != place)
        best: dict[str, int] = {}
        for way, name in self._ways:
            if (at := _fits(wanted, way)) is not None:
                best[name] = min(at, best.get(name, at))
        found = [(Suggestion(name, self._all_taken(name, taken)), at) for name, at in best.items()]
        found.sort(key=lambda one: (one[0].taken, one[1]))  # else the list's order
        return [suggestion for suggestion, _ in found[:_SHOWN]]

    def _all_taken(self, name: str, taken: Counter[str]) -> bool:
        return taken[name] >= len(self.people.entries.get(name, (name,)))

    def missing(self, answers: Mapping[int, Answer]) -> list[str]:
        """Whoever is in no row, as it was answered, else proposed; in the list's order."""
        matches = Matches(self.people)
        matches.count(self.found(answers))
        return [name for name, _ in matches.missing()]


def _fits(wanted: str, way: str) -> int | None:
    """How well a way to write a name fits: 0 from its beginning, 1 from a word's, 2 within; else None."""
    if way.startswith(wanted):
        return 0
    if f" {wanted}" in way.replace("-", " ").replace("'", " "):
        return 1
    return 2 if wanted in way else None
