"""The commands of `python -m hwr_train`, a module each, which loads what is heavy only when it runs."""
