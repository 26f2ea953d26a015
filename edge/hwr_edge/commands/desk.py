"""`hwr-edge desk`: the page where an office reads its scans, and the API that programs call."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hwr_edge.commands.console import errors_reported, print_message
from hwr_edge.commands.event_options import (
    EventsFolder,
    MqttTo,
    PasswordFile,
    TlsCa,
    WebhookTo,
    receivers_of,
    sending,
)
from hwr_edge.commands.options import Accept, FormFile, Model, RosterFile
from hwr_edge.errors import OutputError, RuntimeMissing

if TYPE_CHECKING:
    from hwr_edge.desk.desk import Desk
    from hwr_edge.desk.reading_options import ReadingOptions
    from hwr_edge.events.events import Events
    from hwr_edge.results.rows import Row

PORT = 8482
_TO_SEND = 2.0  # seconds that the end waits for receivers
_EVERYBODY = "0.0.0.0"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("desk")(run_desk)


def run_desk(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where batches, lists and forms are kept.")
    ] = Path("hwr-desk"),
    port: Annotated[
        int,
        typer.Option(min=0, max=65535, metavar="N", help="Port of the page. 0 picks a free one."),
    ] = PORT,
    host: Annotated[
        str, typer.Option(metavar="ADDRESS", help="Serve the page at this address of this machine.")
    ] = "127.0.0.1",
    lan: Annotated[
        bool, typer.Option("--lan", help="Let other machines of the network open the page.")
    ] = False,
    watch: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Read each file that a scanner puts there, then move it to done/ or failed/.",
        ),
    ] = None,
    roster: RosterFile = None,
    form: FormFile = None,
    keep: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=36_500,
            metavar="DAYS",
            help="Delete each batch this many days after its last change. This cannot be undone.",
        ),
    ] = None,
    accept: Accept = None,
    model: Model = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    mqtt: MqttTo = None,
    webhook: WebhookTo = None,
    mqtt_password_file: PasswordFile = None,
    tls_ca: TlsCa = None,
    events_folder: EventsFolder = None,
) -> None:
    """Read scans in your browser, and let other programs read over HTTP.

    Each batch is a folder below FOLDER. If you start the desk again, it continues where it stopped. The
    address contains a token. Nobody gets in without it. Set HWR_EDGE_TOKEN to choose your own. --roster
    and --form apply to the watched folder. The page offers them too.
    """
    with errors_reported():
        try:
            import watchfiles  # noqa: F401  # said before a watch is begun

            from hwr_edge.desk.desk import make_desk
            from hwr_edge.desk.server import make_app  # noqa: F401
        except ModuleNotFoundError as error:
            raise RuntimeMissing(
                f"the desk needs the package {error.name}; run: pip install 'hwr-edge[desk]'"
            ) from error
        to = receivers_of(mqtt, webhook, mqtt_password_file, tls_ca, events_folder)
        desk = make_desk(folder, model, accept)
        with desk.place.held(), sending(to, print_message, _TO_SEND) as events:
            if events:
                desk.queue.on_rows.append(partial(_give, events))
            from hwr_edge.desk.reading_options import ReadingOptions

            asked = ReadingOptions(
                form=desk.place.import_form(form) if form else None,
                list=desk.place.import_list(roster) if roster else None,
            )
            desk.readers.ready(
                asked, roster, desk.place.form_path(asked.form) if asked.form else None
            )
            works = _works(desk, watch, asked, keep)
            _serve(desk, _EVERYBODY if lan else host, port, browser, works)


def _give(events: Events, batch: str, rows: Sequence[Row]) -> None:
    """Queue a page's names; what keeps them from it ends no reading."""
    try:
        events.add([row.to_dict() for row in rows], f"batch {batch}")
    except OutputError as error:
        print_message(f"{error}; the desk continues without sending")


def _works(
    desk: Desk, folder: Path | None, asked: ReadingOptions, days: int | None
) -> list[AbstractContextManager[object]]:
    """What goes on beside the page: reading, watching, keeping."""
    works: list[AbstractContextManager[object]] = [desk.queue]
    moved: tuple[Path, ...] = ()
    if folder:
        from hwr_edge.desk.watch import Watch

        works.append(Watch(folder, desk.batches, desk.queue, desk.journal, asked, print_message))
        moved = (folder / "done", folder / "failed")
    if days:
        from hwr_edge.desk.retention import Retention

        works.append(Retention(days, desk.batches.all, desk.delete, moved))
    return works


def _serve(
    desk: Desk,
    host: str,
    port: int,
    browser: bool,
    works: list[AbstractContextManager[object]],
) -> None:
    """Read and serve until Ctrl-C."""
    from hwr_edge.desk.server import make_app, open_desk
    from hwr_edge.review.browser import open_page

    try:
        server, address = open_desk(make_app(desk), host, port)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise OutputError(
            f"port {port} cannot be opened on {host} ({why}); choose another with --port"
        ) from error
    if "HWR_EDGE_TOKEN" in os.environ:  # a secret that was set stays out of journals
        address, browser = address.partition("?")[0], False
    address = address.replace(f"//{_EVERYBODY}:", f"//{_own_address()}:")
    typer.echo(f"desk: {address}\nfolder: {desk.place.folder}\nPress Ctrl-C to stop.", err=True)
    with ExitStack() as stack:
        stack.enter_context(suppress(KeyboardInterrupt))
        stack.enter_context(server)
        for work in works:
            stack.enter_context(work)
        stack.enter_context(open_page(address) if browser else nullcontext())
        server.serve_forever()


def _own_address() -> str:
    """This machine's address in its network, as a phone types it; nothing is sent to find it."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.connect(("192.0.2.1", 9))  # an address that is nobody's
        return str(link.getsockname()[0])
    return socket.gethostname()
