"""What to do for each tier, by whom and until when."""
