from django.apps import AppConfig


class HelpPagesConfig(AppConfig):
    """The help centre: public, and inside the product."""

    name = "palier.interfaces.help"
    label = "help_pages"
