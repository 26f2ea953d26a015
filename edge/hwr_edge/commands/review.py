"""`hwr-edge review`: doubtful readings put before a person."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwr_edge.commands.console import errors_reported, print_message
from hwr_edge.commands.options import (
    CsvSeparator,
    RosterColumns,
    people_of,
    refuse_inputs,
)
from hwr_edge.errors import OutputError, web_packages_missing
from hwr_edge.results.reviewed import answers_beside
from hwr_edge.results.separator import Separator

if TYPE_CHECKING:
    from hwr_edge.results.roster_file import People
    from hwr_edge.review.answers import Answers
    from hwr_edge.review.results import Results


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("review")(review_results)


def review_results(
    results: Annotated[
        Path,
        typer.Argument(
            readable=False, metavar="RESULTS", help="Output of `hwr-edge file --format jsonl`."
        ),
    ],
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write all names to a CSV file, with your answers."),
    ] = None,
    corrections: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write the answered images to DIR as training data."),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            metavar="FILE",
            help="Choose answers from this list of people, and see who is missing.",
        ),
    ] = None,
    roster_column: RosterColumns = None,
    missing: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="CSV file to write: people of the --roster who were not found.",
        ),
    ] = None,
    separator: CsvSeparator = Separator.COMMA,
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, metavar="N", help="Port of the page. 0 picks a free one."),
    ] = 8480,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Check doubtful readings in your browser.

    Each answer is saved at once to RESULTS.answers.jsonl, next to RESULTS. Only this machine can
    open the page. With --export, --missing or --corrections, no page
    opens: your answers so far are written.
    """
    with errors_reported():
        from hwr_edge.review.answers import Answers
        from hwr_edge.review.results import read_results

        if missing and roster is None:
            raise typer.BadParameter("--missing needs --roster")
        found, people = read_results(results), people_of(roster, roster_column, print_message)
        if export is None and corrections is None and missing is None:
            with Answers(found) as answers:
                _serve(found, answers, port, browser, separator, people)
            return
        read = [results, answers_beside(results), *filter(None, [roster])]
        read += [found.image(place) for place in range(len(found.rows))]
        refuse_inputs(export, "--export", read)
        refuse_inputs(missing, "--missing", [*read, *filter(None, [export])])
        if missing and people:
            from hwr_edge.review.answer_file import answers_so_far
            from hwr_edge.review.export import write_missing

            print_message(write_missing(missing, found, answers_so_far(found), people, separator))
        if not _hand_out(found, export, corrections, separator, people):
            raise typer.Exit(1)


def _serve(
    results: Results,
    answers: Answers,
    port: int,
    browser: bool,
    separator: Separator,
    people: People | None,
) -> None:
    """Serve the page until Ctrl-C."""
    try:
        from hwr_edge.review.server import open_server
    except ModuleNotFoundError as error:
        raise web_packages_missing("the review page") from error
    try:
        server, address = open_server(results, answers, port, separator, people)
    except OSError as error:
        raise OutputError(
            f"port {port} cannot be opened ({error.strerror}); choose another with --port"
        ) from error
    typer.echo(f"review: {address}\nanswers: {answers.path}\nPress Ctrl-C to stop.", err=True)
    from hwr_edge.review.browser import open_page

    with server, open_page(address) if browser else nullcontext(), suppress(KeyboardInterrupt):
        server.serve_forever()
    given = len(answers.given())
    typer.echo(f"{given} of {len(results.rows)} answered; write them with --export", err=True)


def _hand_out(
    results: Results,
    export: Path | None,
    corrections: Path | None,
    separator: Separator,
    people: People | None,
) -> bool:
    """Write what was answered so far; False where an image is gone."""
    from hwr_edge.review.answer_file import answers_so_far
    from hwr_edge.review.export import write_corrections, write_table
    from hwr_edge.review.people import NameList

    given = answers_so_far(results)
    problems: list[str] = []
    if export:
        absent = NameList(people, results).missing(given) if people else []
        write_table(export, results, given, separator, absent)
        more = f", {len(absent)} missing" if people else ""
        typer.echo(f"{export}: {len(results.rows)} names, {len(given)} answered{more}", err=True)
    if corrections:
        count, problems = write_corrections(corrections, results, given)
        rest = len(given) - count - len(problems)
        more = f"; {rest} answers without a name skipped" if rest else ""
        typer.echo(f"{corrections}: {count} training rows{more}", err=True)
    for problem in problems:
        print_message(problem)
    return not problems
