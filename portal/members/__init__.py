"""The people of an organization: seeing and removing them, and the roles they hold there."""
