"""The tables of the app strategy."""
