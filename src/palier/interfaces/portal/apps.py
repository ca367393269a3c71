from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The customer's screens: home, settings, members, plans & billing, checkout."""

    name = "palier.interfaces.portal"
    label = "portal"
