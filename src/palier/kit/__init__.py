"""Django helpers that know no billing word."""
