"""What stands around every page: layout, menu, words in two languages, numbers by locale, charts."""
