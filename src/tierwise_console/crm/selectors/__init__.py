"""Reads of the CRM: what pages and API show, as plain data."""
