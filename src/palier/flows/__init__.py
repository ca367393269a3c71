"""Verbs: one file per story, the only place where several apps meet and money moves."""
