"""Durable work: jobs kept in the database, claimed by leases, exactly once in effect."""
