"""From a raw table to a canonical one: the mapping, the reading of every value, and what is set aside."""

from tierwise.canonical.building import build_table as build_table
from tierwise.canonical.mapping import guess_mapping as guess_mapping
