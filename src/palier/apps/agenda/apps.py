from django.apps import AppConfig


class AgendaConfig(AppConfig):
    name = "palier.apps.agenda"
    label = "agenda"
