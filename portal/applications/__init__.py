"""Which applications have access to the account, and what they were granted."""
