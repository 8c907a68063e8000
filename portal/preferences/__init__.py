"""Small choices of a person: theme and language."""
