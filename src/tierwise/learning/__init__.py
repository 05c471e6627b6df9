"""Numerics of models that learn groups: plain arrays in, plain numbers out; no engine, no settings, no wording."""
