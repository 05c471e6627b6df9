"""Engines run named SQL steps over Parquet. They know tables and files, never what a model means."""
