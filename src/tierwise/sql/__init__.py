"""The portable SQL subset: what may be written, checked on the syntax tree, and each engine's dialect of it."""
