"""What changes something in the app jobs: each checks permission, writes, and leaves an audit entry."""
