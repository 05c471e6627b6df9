"""Benchmarks: one command each, peers and the physical limit beside us in the same run, figures as ratios."""
