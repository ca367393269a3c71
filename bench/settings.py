"""The product's settings, with one more address: a constant answer behind the very same middleware."""

from palier.config.settings import *  # noqa: F403 - settings are names

ROOT_URLCONF = "bench.urls"
