"""Members and the operator's team talk: what is written, who reads it, and who is told."""
