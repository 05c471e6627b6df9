"""Reading what a company has: files and databases, as raw tables on the ingest engine."""

from tierwise.sources.locations import files_of as files_of
from tierwise.sources.locations import fingerprint_of as fingerprint_of
from tierwise.sources.locations import is_folder_of_files as is_folder_of_files
from tierwise.sources.opening import open_source as open_source
