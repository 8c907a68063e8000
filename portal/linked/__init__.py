"""Accounts at other providers that open this one too."""
