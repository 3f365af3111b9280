"""Small pieces of HTML that admin pages show: a state, a link, a list."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from authserver.backoffice.masking import masked
from authserver.protocol.clauses import link


def state_badge(row: Any, field: str = "state") -> SafeString:
    """The state as a word and a colour; the colour alone says nothing."""
    value = getattr(row, field)
    label = str(getattr(row, f"get_{field}_display")()).partition(":")[0]
    return format_html('<span class="state state-{}">{}</span>', str(value).lower(), label)


def link_button(model: str, label: str, **query: Any) -> SafeString:
    """A link to the page where one is added, which begins with what is known already."""
    url = f"{reverse(f'admin:{model}_add')}?{urlencode(query)}"
    return format_html('<a class="next-step" href="{}">{}</a>', url, label)


def list_link(model: str, label: str, **query: Any) -> SafeString:
    """A link to a list, searched or filtered for what is asked."""
    url = f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"
    return format_html('<a href="{}">{}</a>', url, label)


def change_link(row: Model | None, label: str = "") -> SafeString:
    if row is None:
        return format_html("-")
    opts = row._meta
    url = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', url, label or row)


def clause_link(clause: str) -> SafeString:
    """The clause, with a way to read it where its publisher gives one."""
    url = link(clause) if clause else ""
    if not url.startswith("https://"):
        return format_html("{}", clause or "-")
    return format_html('<a href="{}" rel="noreferrer">{}</a>', url, clause)


def moment(at: datetime | None) -> str:
    """An instant to the second, as it is written in logs."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "-"


def bullets(sentences: Iterable[Any], *, none: str = "-") -> SafeString:
    items = format_html_join("", "<li>{}</li>", ((each,) for each in sentences))
    return (
        format_html('<ul class="plain-list">{}</ul>', items) if items else format_html("{}", none)
    )


def as_json(value: Any) -> SafeString:
    """A JSON value, indented, every account number in it masked."""
    text = json.dumps(masked(value), indent=2, ensure_ascii=False, default=str)
    return preformatted(text)


def preformatted(text: str) -> SafeString:
    return format_html("<pre>{}</pre>", text)
