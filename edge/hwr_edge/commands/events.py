"""`hwr-edge events`: what waits for other programs."""

from __future__ import annotations

from typing import Annotated

import typer

from hwr_edge.commands.console import ErrorReport, errors_reported
from hwr_edge.commands.event_options import (
    EventsFolder,
    MqttTo,
    PasswordFile,
    TlsCa,
    WebhookTo,
    receivers_of,
    sending,
)
from hwr_edge.files import open_sink


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("events")(show_events)


def show_events(
    send: Annotated[
        bool, typer.Option("--send", help="Send the names that wait for --mqtt and --webhook.")
    ] = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="Delete the waiting names of every receiver.")
    ] = False,
    mqtt: MqttTo = None,
    webhook: WebhookTo = None,
    mqtt_password_file: PasswordFile = None,
    tls_ca: TlsCa = None,
    wait: Annotated[
        int, typer.Option(min=1, max=86_400, metavar="S", help="Seconds that --send may take.")
    ] = 60,
    events_folder: EventsFolder = None,
) -> None:
    """Show how many names wait for each receiver; send or delete them.

    Exit codes: 0 success; 1 names still wait after --send, or something cannot be read; 2 wrong usage.
    """
    with errors_reported():
        to = receivers_of(mqtt, webhook, mqtt_password_file, tls_ca, events_folder)
        if send != bool(to) or (send and drop):
            raise typer.BadParameter("--send needs --mqtt or --webhook; --drop takes neither")
        if to:
            left = ErrorReport()
            with sending(to, left.add, wait):
                pass
            if left.count:
                raise typer.Exit(1)
            return
        from hwr_edge.events.outbox import outboxes
        from hwr_edge.events.places import default_folder

        with open_sink(None) as sink:
            for box in outboxes(events_folder or default_folder()):
                count = box.drop() if drop else len(box)
                sink.write(f"{box.shown}\t{count} {'deleted' if drop else 'waiting'}\n")
