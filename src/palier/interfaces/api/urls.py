from django.urls import path

from palier.interfaces.api import views

urlpatterns = [
    path("accounts/<str:account_id>/usage/<str:key>", views.usage, name="api-usage"),
    path("accounts/<str:account_id>/may", views.may, name="api-may"),
    path("accounts/<str:account_id>/snapshot", views.snapshot, name="api-snapshot"),
]
