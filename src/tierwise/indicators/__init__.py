"""Indicators: one row of measured facts per customer, over stated windows, in one pass over each table."""
