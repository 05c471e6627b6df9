"""`python -m tierwise_console` is `tierwise console`."""

from tierwise_console.command import console

if __name__ == "__main__":
    console()
