"""Where the portal link leads, and the page of rights."""
