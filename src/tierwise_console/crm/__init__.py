"""Customers, their tier history, tags, tasks and notes."""
