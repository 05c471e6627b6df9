"""What changes something in the app strategy: each checks permission, writes, and leaves an audit entry."""
