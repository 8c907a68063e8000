"""The JSON face: the same actions, behind the same table, for people's bearer tokens."""
