"""The Django app of the gateways."""

from django.apps import AppConfig


class GatewaysConfig(AppConfig):
    name = "palier.apps.gateways"
    label = "gateways"
