"""The formats events come in: one file each, each a function from a body to a `Reading`."""
