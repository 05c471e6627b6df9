"""What changes something in the app crm: each checks permission, writes, and leaves an audit entry."""
