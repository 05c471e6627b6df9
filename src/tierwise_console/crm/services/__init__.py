"""Writes of the CRM: each checks the right, writes in one transaction with its audit row, and acts after commit."""
