"""A command line in, rows and messages out: the commands of `hwr-edge`, a module each.

In: arguments, environment variables, a configuration file. Out: stdout, stderr, an exit status. Nothing else prints.
Public: `app.main`; each command's module has `add_to`, and is loaded only when it is asked for.
`app` and `file` do without `from __future__ import annotations`: Typer would compile each annotation at each start.
"""
