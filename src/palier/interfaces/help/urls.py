"""Addresses of the help centre; the language is part of them, so that a link says the same to everybody."""

from django.conf import settings
from django.urls import path, register_converter

from palier.interfaces.help import article, centre, opinion, search


class Language:
    """One that we speak: ``en`` or ``fr``."""

    regex = "|".join(code for code, _ in settings.LANGUAGES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Language, "language")

urlpatterns = [
    path("", centre.entrance, name="help"),
    path("<language:language>/", centre.page, name="help-centre"),
    path("<language:language>/search/", search.page, name="help-search"),
    path("<language:language>/<slug:slug>/opinion/", opinion.give, name="help-opinion"),
    path("<language:language>/<slug:slug>/", article.page, name="help-article"),
]
