"""`python -m tierwise` is the command line."""

from tierwise.cli.main import main

main()
