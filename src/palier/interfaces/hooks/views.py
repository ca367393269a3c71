from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from palier.apps.gateways.contract import ForgedEvent
from palier.flows import receive
from palier.kit import clock

LARGEST_BODY = 65_536


@csrf_exempt
@require_POST
def hook(request: HttpRequest, name: str) -> HttpResponse:
    """Verify, store, answer 204; 400 for a forgery, which changes nothing."""
    if not receive.listens_to(name):
        return HttpResponseNotFound()
    if len(request.body) > LARGEST_BODY:
        return HttpResponse(status=413)
    try:
        receive.event(dict(request.headers), request.body, now=clock.now())
    except ForgedEvent:
        return HttpResponse(status=400)
    return HttpResponse(status=204)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})
