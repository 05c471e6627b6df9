"""What the tiers are worth: the tier table of a run, and the flows between two runs."""
