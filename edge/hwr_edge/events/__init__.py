"""Rows in, messages to other programs out, by MQTT or HTTP; they wait on the disk while a receiver is away.

In: a row as a dict, as `hwr-edge file --format jsonl` prints it. Out: a message to each receiver, in order, none lost.
Public: `events.Events`, `events.Receivers`, `destination.mqtt_of`, `destination.webhook_of`, `outbox.outboxes`, `places.default_folder`.
"""
