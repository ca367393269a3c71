"""The product's addresses, and a page that says nothing: the limit of any page."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def constant(request: HttpRequest) -> HttpResponse:
    """What the middleware and the server cost without a view."""
    return HttpResponse("constant")


urlpatterns = [path("constant/", constant), path("", include("palier.config.urls"))]
