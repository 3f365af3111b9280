"""Pages of one sentence: why a page of the way is not shown."""

from http import HTTPStatus

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from authserver.interaction import browser

log = structlog.get_logger("authserver.interaction")


def ended(request: HttpRequest) -> HttpResponse:
    """Unknown, ended or another browser's: told apart by nobody."""
    return _sentence_page(
        request,
        title=_("This request has ended"),
        sentence=_(
            "Its time was over, it was already answered, or it was opened in another browser."
            " Opening it here changed nothing."
        ),
        status=HTTPStatus.NOT_FOUND,
    )


def somebody_else(request: HttpRequest, slug: str, handle: str) -> HttpResponse:
    return _sentence_page(
        request,
        title=_("Somebody else is signed in now"),
        sentence=_(
            "This request was begun by another person in this browser."
            " Nothing was shared and nothing was paid."
            " Whoever signs in again can answer it, and chooses anew."
        ),
        status=HTTPStatus.FORBIDDEN,
        sign_in_again=browser.somebody_else_url(slug, handle),
        give_up=browser.cancel_url(slug, handle),
    )


def not_our_form(request: HttpRequest, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> HttpResponse:
    """A form that is not ours, or has more in it than we put there."""
    return _sentence_page(
        request,
        title=_("We did not use this form"),
        sentence=_(
            "It was not as we had sent it to you. Nothing was shared and nothing was paid."
            " Go back, load the page again and repeat what you did."
        ),
        status=status,
    )


def _sentence_page(
    request: HttpRequest, *, title: str, sentence: str, status: HTTPStatus, **ways_on: str
) -> HttpResponse:
    log.warning("page.refused", status=int(status))
    context = {
        **ways_on,
        "title": title,
        "sentence": sentence,
        "interaction_id": getattr(request, "interaction_id", ""),
    }
    return render(request, "error.html", context, status=status)
