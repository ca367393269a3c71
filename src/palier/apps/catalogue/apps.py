from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "palier.apps.catalogue"
    label = "catalogue"
