"""What a model's author tests with: one suite of checks over any model, and a sample that hits the edges."""
