"""Project files to start from, one per industry; each is complete and runs on the demo shop."""
