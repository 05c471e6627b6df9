"""Identity: customers standardised for comparison, and the records that are the same customer found and explained."""
