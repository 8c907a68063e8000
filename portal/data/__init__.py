"""The person's own data: a copy of everything, and the end of the account."""
