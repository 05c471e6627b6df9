"""Durable work: jobs kept in the database, done exactly once in effect."""
