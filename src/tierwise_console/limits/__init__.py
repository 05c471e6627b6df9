"""How often somebody may do something: counted in the database, so that all processes count together."""
