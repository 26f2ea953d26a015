"""Doubtful readings in, a person's answers out.

In: what `hwr-edge file --format jsonl` wrote. Out: a journal of answers, a table, training rows.
Public: `results.read_results`, `answers.Answers` (the journal), `export.write_table`, `export.write_corrections`,
`server.open_server` (a page for this machine alone), `browser.open_page`.
"""
