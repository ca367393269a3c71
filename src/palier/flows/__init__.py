"""Verbs: one file per story, the only place where several apps meet and money moves.

Stories that move none and belong together have a folder: people, conversations, exports. What the examination asks of
the books is in ``invariants``."""
