"""Taking results out: the label table as Parquet, CSV and Excel."""
