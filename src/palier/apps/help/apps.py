from django.apps import AppConfig


class HelpConfig(AppConfig):
    name = "palier.apps.help"
    label = "help"
