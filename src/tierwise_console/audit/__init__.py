"""Who did what and when: a chain of entries that can be verified."""
