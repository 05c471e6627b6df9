"""What stages exchange: table schemas, frozen plan types, protocols. No engine, no file, no SQL here."""
