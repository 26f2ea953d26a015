"""`hwr-edge file`: reads images, and prints or writes a row for each name."""

from pathlib import Path
from typing import Annotated

import typer

from hwr_edge.commands.console import errors_reported, print_message
from hwr_edge.commands.event_options import (
    EventsFolder,
    MqttTo,
    PasswordFile,
    TlsCa,
    WebhookTo,
    receivers_of,
)
from hwr_edge.commands.file_checks import check
from hwr_edge.commands.file_job import Job, Listed
from hwr_edge.commands.file_run import run
from hwr_edge.commands.options import (
    Accept,
    Alternatives,
    CsvSeparator,
    DecoderName,
    FormFile,
    ImageLayout,
    MaxMemory,
    MaxPages,
    MaxSeconds,
    Model,
    NameModelFile,
    PagesOfForm,
    RosterColumns,
    RosterFile,
    RosterKeep,
    pages_of_form,
    people_of,
    settings_of,
    target_of,
)
from hwr_edge.image.sources import find
from hwr_edge.limits import set_limits
from hwr_edge.results.formats import ENDINGS, GROWING, Format
from hwr_edge.results.separator import Separator


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("file")(read_files)


def read_files(
    images: Annotated[
        list[str],
        typer.Argument(
            metavar="IMAGE...",
            help="Crops, pages or PDFs: files, folders, patterns, or - for standard input.",
        ),
    ],
    layout: ImageLayout = None,
    form: FormFile = None,
    form_pages: PagesOfForm = None,
    format: Annotated[
        Format | None,
        typer.Option(
            "--format", help="Output format. Default: by the ending of --output, else text."
        ),
    ] = None,
    separator: CsvSeparator = Separator.COMMA,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write to FILE. Until it is complete, it is called FILE.part."
        ),
    ] = None,
    model: Model = None,
    decoder: DecoderName = None,
    name_model: NameModelFile = None,
    top: Alternatives = 0,
    roster: RosterFile = None,
    roster_column: RosterColumns = None,
    roster_keep: RosterKeep = None,
    missing: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="CSV file to write: people of the roster who were not found."
        ),
    ] = None,
    accept: Accept = None,
    threads: Annotated[
        int, typer.Option(min=1, max=256, metavar="N", help="Threads for each reading.")
    ] = 1,
    jobs: Annotated[
        int,
        typer.Option(min=1, max=64, metavar="N", help="Number of processes that read."),
    ] = 1,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted run with the same --output.")
    ] = False,
    max_memory: MaxMemory = None,
    max_seconds: MaxSeconds = None,
    max_pages: MaxPages = None,
    annotate: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write copies of the images with the readings drawn on them."
        ),
    ] = None,
    mqtt: MqttTo = None,
    webhook: WebhookTo = None,
    mqtt_password_file: PasswordFile = None,
    tls_ca: TlsCa = None,
    events_folder: EventsFolder = None,
) -> None:
    """Read names from crops, whole pages or filled forms.

    For one image, only the names are printed. For several images, or with --roster or --accept,
    each name is a row: path, name, confidence; then the match ("-" if none) and its confidence;
    then "review" if flagged. A crop always gives one row. A page gives one row per name. A form
    gives one row per field, or one row per form with --format csv.

    Folders are searched recursively; hidden files are skipped.

    If a receiver of --mqtt or --webhook is away, its names wait on the disk. The next run sends them.
    The exit code does not change.

    Exit codes: 0 all images were read; 1 an image could not be read, or a roster name is unusable;
    2 wrong usage.
    """
    kind = format or ENDINGS.get(output.suffix.lower() if output else "", Format.TEXT)
    grows = output is not None and kind in GROWING
    go_on = "; repeat the command with --resume to continue" if grows else ""
    with errors_reported(f"interrupted{go_on}"):
        set_limits(max_memory, max_seconds, max_pages)
        target = target_of(layout, form, form_pages)
        if separator is not Separator.COMMA and kind is not Format.CSV and not missing:
            raise typer.BadParameter("--separator needs --format csv or --missing")
        people = people_of(roster, roster_column, print_message)
        reading = settings_of(model, threads, decoder, name_model, top, people, accept)
        listed = Listed(roster, people, tuple(roster_keep or ()), missing)
        found = find(images, leave_out=annotate)
        pages = pages_of_form(form_pages)
        to = receivers_of(mqtt, webhook, mqtt_password_file, tls_ca, events_folder)
        job = Job(
            found,
            kind.value,
            separator,
            output,
            reading,
            target,
            annotate,
            jobs,
            resume,
            listed,
            pages,
            to,
        )
        check(job, images)
        if not run(job):
            raise typer.Exit(1)
