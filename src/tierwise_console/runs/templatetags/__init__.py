"""Tags of charts and tables."""
