"""`tierwise console`: the command group, found by the core through the entry point group `tierwise.commands`."""

from tierwise_console.command.group import console

__all__ = ["console"]
