"""Setup links: somebody without an account sets things up for one organization."""
