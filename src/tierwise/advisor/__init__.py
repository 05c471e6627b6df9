"""Which model to use: by the goal, by the business, and by what each model would have foretold on this very data."""
