"""Tags of users and roles."""
