"""Tierwise 分层有道: customer value tiers that are explained, acted upon and measured."""

__version__ = "0.1.0"
