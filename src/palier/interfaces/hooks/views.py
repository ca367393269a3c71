import os
from mmap import mmap
from tempfile import TemporaryFile
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from palier.apps.gateways.contract import ForgedEvent
from palier.flows import receive
from palier.interfaces.ui.errors import is_unavailable
from palier.kit import clock, database

LARGEST_BODY = 65_536

ROOM: Final = 1024 * 1024
MEMORY: Final = 64 * ROOM
"""Bytes that this process must be able to have in its folder for temporary files, and beside the memory that it has."""


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
    """200 while work can be done; 503 once the database is away, read-only or full, or this process is at an end."""
    trouble = "exhausted" if _exhausted() else database.why_unwritable()
    return JsonResponse({"status": trouble or "ok"}, status=503 if trouble else 200)


def _exhausted() -> bool:
    """Whether this process has no descriptor, no memory or no room for temporary files. (It may have no folder for them
    at all: then only large uploads are refused.)"""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
        mmap(-1, MEMORY).close()  # asked for, and never touched
        with TemporaryFile() as file:
            file.write(bytes(ROOM))
    except (OSError, MemoryError) as trouble:
        return is_unavailable(trouble)
    return False
