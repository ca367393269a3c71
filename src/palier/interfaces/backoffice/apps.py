from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    """What the operator's team sees: the inbox."""

    name = "palier.interfaces.backoffice"
    label = "backoffice"
