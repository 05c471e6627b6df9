"""The tables of the app crm."""
