"""The door of documents: what an ecosystem publishes, made once and kept for a second."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from authserver.ecosystems.models import Ecosystem
from authserver.endpoints.back_channel import ecosystem_of
from authserver.storage.kept import Kept
from authserver.web.document import Document, answer
from authserver.web.machines import for_machines

Content = Callable[[Ecosystem], bytes]
View = Callable[..., HttpResponse]


def published(
    content_type: str, *, seconds: int = 300, for_any_site: bool = True
) -> Callable[[Content], View]:
    """Make a Django view of a function ``(ecosystem)`` that returns the document's bytes.

    It may raise Http404, and nothing in it comes from the request. Whoever fetched it may keep it
    for so many ``seconds``; a script may read it on ``any site``, or on none but ours.
    """

    def make(content: Content) -> View:
        documents: Kept[Document] = Kept()

        def document(slug: str) -> Document:
            return Document.made_of(
                content(ecosystem_of(slug)),
                content_type=content_type,
                seconds=seconds,
                for_any_site=for_any_site,
            )

        @for_machines
        @require_safe
        @wraps(content)
        def view(request: HttpRequest, slug: str) -> HttpResponse:
            return answer(request, documents.get(slug, lambda: document(slug)))

        return view

    return make


def as_json(value: dict[str, Any]) -> bytes:
    return json.dumps(value).encode()
