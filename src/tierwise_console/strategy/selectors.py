"""What reads from the app strategy and changes nothing."""
