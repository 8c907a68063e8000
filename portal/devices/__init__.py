"""Where the person is signed in, session by session."""
