"""What happened lately with the account: the person's own sign-ins and changes."""
