"""What the input is worth: the quality card, rules and scores, drift, corrections."""

from tierwise.quality.card import assess as assess
