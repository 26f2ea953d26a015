"""Readings in, rows of text, JSON or CSV out; and people's lists of names in.

In: a `Reading` and where it comes from. Out: rows, in a file that grows and can be resumed.
Public: `rows.Row` and `rows.LAYOUTS`, `resume.read_before`, `roster_file.read_roster`.
"""
