"""The operator's settings of a realm: which sections there are, how they look, where people return to."""
