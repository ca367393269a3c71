"""Every address of the product."""

from django.urls import include, path

from palier.interfaces.hooks.views import healthz
from palier.interfaces.portal.language import switch

handler404 = "palier.interfaces.ui.errors.page_not_found"
handler500 = "palier.interfaces.ui.errors.server_error"
handler403 = "palier.interfaces.ui.errors.permission_denied"
handler400 = "palier.interfaces.ui.errors.bad_request"

urlpatterns = [
    path("accounts/", include("allauth.account.urls")),
    path("i18n/setlang/", switch, name="set_language"),
    path("healthz", healthz, name="healthz"),
    path("hooks/", include("palier.interfaces.hooks.urls")),
    path("api/", include("palier.interfaces.api.urls")),
    path("help/", include("palier.interfaces.help.urls")),
    path("chat/", include("palier.interfaces.portal.chat.urls")),
    path("desk/", include("palier.interfaces.backoffice.urls")),
    path("", include("palier.interfaces.portal.urls_people")),
    path("", include("palier.interfaces.portal.urls_plans")),
    path("", include("palier.interfaces.portal.urls_checkout")),
]
