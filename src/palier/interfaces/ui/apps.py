from django.apps import AppConfig


class UiConfig(AppConfig):
    """The look of every screen: layout, tokens, parts, error pages, the screens of log-in."""

    name = "palier.interfaces.ui"
    label = "ui"
