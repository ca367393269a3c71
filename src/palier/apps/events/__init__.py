"""Facts, written in the transaction of their change and never altered."""
