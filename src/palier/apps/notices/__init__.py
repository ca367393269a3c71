"""The outbox of e-mails: written with the fact, sent after the commit."""
