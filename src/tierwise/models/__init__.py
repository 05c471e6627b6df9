"""One file a model. `tierwise.registry` finds them by listing this folder; a model never imports another."""
