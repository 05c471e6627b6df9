"""The HTTP API: it reads selectors, calls services, and touches no ORM model."""
