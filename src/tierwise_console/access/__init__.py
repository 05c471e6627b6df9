"""Users, roles, permissions, sessions, sign-in."""
