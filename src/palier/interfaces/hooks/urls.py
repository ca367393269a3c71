from django.urls import path

from palier.interfaces.hooks import views

urlpatterns = [path("<slug:name>/", views.hook, name="hook")]
