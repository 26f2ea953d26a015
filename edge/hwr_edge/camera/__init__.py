"""Frames in, names out: lay a form or a card down, get the name.

In: a camera, a video or a folder of frames. Out: an `Event` for each name and each hint, to the screen, a log, a program.
Public: `names.watch` (for programs), `event.Event`; for the command: `pick.pick_source`, `command.run_camera`,
`command.Outputs`; a new kind of camera is a `frames.Source`. ARCHITECTURE.md draws how the modules work together.
"""
