"""Where the host product's server knocks: usage in, answers and snapshots out, all as JSON."""
