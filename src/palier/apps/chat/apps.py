from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "palier.apps.chat"
    label = "chat"
