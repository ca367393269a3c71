"""Files that we hand out: attachments, documents, exports. The one way, whoever asks."""

from typing import IO, overload

from django.http import FileResponse, HttpResponse
from django.utils.http import content_disposition_header


@overload
def download(content: bytes | memoryview, kind: str, name: str) -> HttpResponse: ...


@overload
def download(content: IO[bytes], kind: str, name: str) -> FileResponse: ...


def download(content: bytes | memoryview | IO[bytes], kind: str, name: str) -> HttpResponse | FileResponse:
    """A file of a media type under a name, to be kept: no browser shows it as a page of ours or runs what is in it.

    Customers choose names and contents. Text is told to be UTF-8. An open file is read as it is sent, and closed.
    """
    told = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    response: HttpResponse | FileResponse
    if isinstance(content, bytes | memoryview):
        response = HttpResponse(bytes(content), content_type=told)
    else:
        response = FileResponse(content, content_type=told)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
