"""What reads from the app crm and changes nothing."""
