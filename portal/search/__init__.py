"""Search and jump: organizations by name or route, and pages by name."""
