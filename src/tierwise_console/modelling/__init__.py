"""The settings of models: drafts, their approval, versions of the settings file."""
