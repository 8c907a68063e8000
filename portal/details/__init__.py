"""What an organization is called, where it is, and what else it says of itself."""
