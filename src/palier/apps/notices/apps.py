from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "palier.apps.notices"
    label = "notices"
