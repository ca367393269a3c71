"""Journeys through the running program, in Chromium, as a person sees it."""
