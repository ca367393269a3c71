"""Double entry: append-only transactions whose entries sum to zero."""
