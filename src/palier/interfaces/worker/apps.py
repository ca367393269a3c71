from django.apps import AppConfig


class WorkerConfig(AppConfig):
    name = "palier.interfaces.worker"
    label = "worker"
