"""Invitations to an organization: sending, seeing and taking them back, one by one or in thousands, and answering."""
