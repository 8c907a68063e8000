"""A page of help for each section, linked from it."""
