"""The command line: one file a command. `main.py` knows them all."""
