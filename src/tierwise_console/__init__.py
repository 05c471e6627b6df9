"""The console: tiers on screen. Reaches the core through one door, the app `runs`."""
