"""Everything that Palier keeps about an account, taken along by its owner."""
