"""Answers that belong to no endpoint: errors, and an outage.

A machine gets JSON and a person a page. None of these asks the database, so that they can be
given when it is away, and so that a flood of unknown paths costs nothing.
"""

import re
import sys
from http import HTTPStatus

import structlog
from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from authserver.protocol.requirements import case
from authserver.web.machines import is_beneath_one, is_for_machines

log = structlog.get_logger("authserver.web.pages")

RETRY_AFTER = "5"  # seconds; our choice
FOR_PEOPLE = re.compile(r"/(accounts|admin|consents)(/|$)|/[^/]+/(authorize|consent)(/|$)")
NOBODYS = re.compile(r"(/[^/]+)?/\.well-known(/|$)|/api(/|$)")  # and asked for by no browser


def wants_page(request: HttpRequest) -> bool:
    """By its path; where that is nobody's, by whether the caller reads HTML."""
    path = request.path_info
    if FOR_PEOPLE.match(path):
        return True
    if is_for_machines(path) or is_beneath_one(path) or NOBODYS.match(path):
        return False
    return "text/html" in request.headers.get("Accept", "")


@case("ER-05")
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Something that we cannot read; a session that an outage kept from being saved is no such."""
    if isinstance(exception, SessionInterrupted) and (fault := _outage_behind(exception)):
        return outage(request, fault)
    log.warning("request.refused", fault=type(exception).__name__, path=request.path[:200])
    return _answer(
        request,
        HTTPStatus.BAD_REQUEST,
        code="invalid_request",
        title=_("Something is wrong with this address"),
        sentence=_("Your browser sent something that we could not read. Please start again."),
    )


def unreadable(request: HttpRequest, status: HTTPStatus, *, sentence: str) -> HttpResponse:
    """What the gate of all requests refuses; ``sentence`` says why to a machine."""
    return _answer(
        request,
        status,
        code="invalid_request",
        title=_("Something is wrong with this address"),
        sentence=_("Your browser sent something that we could not read. Please start again."),
        description=sentence,
    )


def _outage_behind(error: BaseException | None) -> Exception | None:
    while error is not None:
        if isinstance(error, (OperationalError, InterfaceError)):
            return error
        error = error.__context__
    return None


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(
        request,
        HTTPStatus.FORBIDDEN,
        code="access_denied",
        title=_("You cannot open this page"),
        sentence=_("It belongs to somebody else, or your account does not allow it."),
    )


@case("AZ-14")
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(
        request,
        HTTPStatus.FORBIDDEN,
        code="access_denied",
        title=_("This form is too old"),
        sentence=_(
            "It was opened before you signed in, or in another window, so we did not use it."
            " Nothing was changed. Go back, load the page again and repeat what you did."
        ),
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(
        request,
        HTTPStatus.NOT_FOUND,
        code="not_found",
        title=_("This page does not exist"),
        sentence=_("The address may be mistyped, or the page has gone."),
    )


@case("LG-01", "LG-02")
def too_many_requests(request: HttpRequest) -> HttpResponse:
    response = _answer(
        request,
        HTTPStatus.TOO_MANY_REQUESTS,
        code="temporarily_unavailable",
        title=_("Too many attempts"),
        sentence=_("For your safety we have stopped for a moment. Wait a minute, then try again."),
    )
    response["Retry-After"] = "60"
    return response


@case("ER-01", "ER-05")
def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it is our fault and nothing else; an outage that no view saw is still one."""
    error = sys.exc_info()[1]
    if isinstance(error, (OperationalError, InterfaceError)):
        return outage(request, error)
    return _answer(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        code="server_error",
        title=_("Something went wrong on our side"),
        sentence=_("It is noted in our log. Please try again in a few minutes."),
    )


@case("LG-21")
def busy(request: HttpRequest, *, retry_after: int) -> HttpResponse:
    log.warning("busy")
    response = _answer(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        code="temporarily_unavailable",
        title=_("Many people are signing in right now"),
        sentence=_(
            "We did not look at your password, so this does not count as an attempt. Wait a few"
            " seconds, then go back and send the form again."
        ),
    )
    response["Retry-After"] = str(retry_after)
    return response


def outage(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("outage", fault=type(error).__name__, exc_info=error)
    response = _answer(
        request,
        HTTPStatus.SERVICE_UNAVAILABLE,
        code="temporarily_unavailable",
        title=_("We are not available right now"),
        sentence=_(
            "Please wait a minute, then load this page again. What you finished before is kept."
        ),
    )
    response["Retry-After"] = RETRY_AFTER
    return response


@case("ER-06")
def _answer(
    request: HttpRequest,
    status: HTTPStatus,
    *,
    code: str,
    title: str,
    sentence: str,
    description: str = "",
) -> HttpResponse:
    if not wants_page(request):
        body = {"error": code, "error_description": description or status.phrase}
        return JsonResponse(body, status=status)
    log.warning("page.refused", status=int(status), error=code)
    context = {
        "title": title,
        "sentence": sentence,
        "brand": {"name": settings.OPERATOR_NAME, "mark": settings.OPERATOR_NAME[:1]},
        "interaction_id": getattr(request, "interaction_id", ""),
    }
    try:
        return HttpResponse(render_to_string("error.html", context), status=status)
    except Exception as fault:
        log.exception("error page", fault=type(fault).__name__)
        return HttpResponse(f"{title}. {sentence}", status=status, content_type="text/plain")
