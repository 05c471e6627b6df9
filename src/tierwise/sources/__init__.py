"""Reading what a company has: files and databases, as raw tables on the ingest engine."""

from tierwise.sources.opening import open_source as open_source
