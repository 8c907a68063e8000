"""The roles of an organization: who holds them, and the organization's own ones."""
