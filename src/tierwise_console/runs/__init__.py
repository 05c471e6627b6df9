"""The one door to the core: reads published runs, and starts new ones."""
