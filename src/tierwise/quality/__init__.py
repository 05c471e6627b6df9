"""What the input is worth: the quality card."""

from tierwise.quality.card import assess as assess
