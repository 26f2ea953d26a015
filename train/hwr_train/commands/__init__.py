"""A command line in, files and figures out: the commands of `python -m hwr_train`, a module each.

In: arguments and a configuration file. Out: stdout, files, an exit status. What is heavy is loaded only when it runs.
Public: `train.add_to`, and so in each module: it adds the command to the program.
"""
