"""Scans in, tables out: a page where an office reads its scans, and the API that other programs call.

In: files from the page, from the API or from a watched folder. Out: batches, each a folder on the disk, and tables.
Public: `desk.make_desk`, `server.make_app`, `server.open_desk`, `batch.Batch`; `watch.Watch` and
`retention.Retention` run beside them.
"""
