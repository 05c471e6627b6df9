"""The tables of the app jobs."""
