"""The pages: they read selectors, call services, and touch no ORM model."""
