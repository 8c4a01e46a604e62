"""Files as they should not be but are, each with what the readers must make of it."""
