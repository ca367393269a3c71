from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "palier.apps.events"
    label = "events"
