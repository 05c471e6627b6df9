"""What a person configures: the project file, command-line settings and the environment."""
