"""What reads from the app jobs and changes nothing."""
