"""The person's own profile, as the realm's user profile describes it."""
