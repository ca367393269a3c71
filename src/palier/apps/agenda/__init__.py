"""What falls due and when: rows that the clock works off, each once."""
