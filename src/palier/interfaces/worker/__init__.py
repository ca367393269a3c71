"""Jobs: what happens after a commit, at least once each, and what the clock starts."""
