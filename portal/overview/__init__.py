"""What the operator of a realm sees first: the health of the set-up, and how far its organizations are."""
