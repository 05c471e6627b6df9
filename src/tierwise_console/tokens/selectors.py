"""What can be seen of tokens."""

from __future__ import annotations

from tierwise_console.tokens.models import Token


def tokens() -> list[Token]:
    """All tokens, newest first."""
    return list(Token.objects.select_related("user").order_by("-id"))
