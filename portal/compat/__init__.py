"""The HTTP API of WorkOS, for what this portal has of it: its clients work with another base address and key."""
