"""What an HTML page offers to somebody who clicks and types: forms, buttons, links, texts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

REFRESH = re.compile(r"\s*\d+\s*;\s*url=(?P<url>.+)", re.IGNORECASE)
VOID = frozenset(("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"))


@dataclass(slots=True)
class Form:
    action: str = ""
    method: str = "get"
    values: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Button:
    form: Form
    name: str
    value: str
    action: str


class Page(HTMLParser):
    """What a page offers: its forms, its buttons and links by id, and the text of each id."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self.refresh = ""
        self.buttons: dict[str, Button] = {}
        self.links: dict[str, str] = {}
        self.checkboxes: dict[str, list[str]] = {}
        self._links_inside: dict[str, str] = {}
        self._texts: dict[str, list[str]] = {}
        self._open: list[tuple[str, str]] = []
        self._forms: dict[str, Form] = {}
        self._form: Form | None = None
        self._select = ""
        self.feed(html)

    @property
    def ids(self) -> Sequence[str]:
        return list(self._texts)

    def text(self, element_id: str) -> str:
        """Return the text inside an element, with its spaces made single."""
        return " ".join("".join(self._texts.get(element_id, ())).split())

    def link_inside(self, element_id: str) -> str:
        """Return where the first link inside an element leads, or nothing."""
        return self._links_inside.get(element_id, "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        element_id = attributes.get("id", "")
        if element_id:
            self._texts.setdefault(element_id, [])
        self._space()
        if tag not in VOID:
            self._open.append((tag, element_id))
        match tag:
            case "form":
                self._form = self._form_named(element_id) if element_id else Form()
                self._form.action = attributes.get("action", "")
                self._form.method = attributes.get("method", "get").lower()
            case "a":
                self._link(element_id, attributes.get("href", ""))
            case "meta" if attributes.get("http-equiv", "").lower() == "refresh":
                if match := REFRESH.match(attributes.get("content", "")):
                    self.refresh = match["url"].strip("'\" ")
            case "input" | "button" | "select" | "textarea" | "option":
                self._control(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        self._space()
        if tag == "form":
            self._form = None
        while any(name == tag for name, _ in self._open):
            if self._open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        for tag, element_id in self._open:
            if tag == "title":
                self.title += data.strip()
            if element_id:
                self._texts[element_id].append(data)

    def _space(self) -> None:
        """Words of different elements do not grow together."""
        for _, element_id in self._open:
            if element_id:
                self._texts[element_id].append(" ")

    def _link(self, element_id: str, href: str) -> None:
        if element_id:
            self.links[element_id] = href
        for _, outer_id in self._open:
            self._links_inside.setdefault(outer_id, href)

    def _control(self, tag: str, attributes: Mapping[str, str]) -> None:
        form = self._form_named(attributes["form"]) if "form" in attributes else self._form
        if form is None or "disabled" in attributes:
            return
        kind = attributes.get("type", "submit" if tag == "button" else tag)
        if kind == "submit":
            action = attributes.get("formaction", "")
            button = Button(form, attributes.get("name", ""), attributes.get("value", ""), action)
            self.buttons[attributes.get("id", "")] = button
            return
        if tag == "select":
            self._select = attributes.get("name", "")
        name = self._select if tag == "option" else attributes.get("name", "")
        if not name:
            return
        form.names.add(name)
        value = attributes.get("value", "on" if kind in ("checkbox", "radio") else "")
        if kind == "checkbox":
            self.checkboxes.setdefault(name, []).append(value)
        if kind in ("checkbox", "radio"):
            sent = "checked" in attributes
        elif tag == "option":
            sent = "selected" in attributes
        else:
            sent = tag != "select"
        if sent:
            form.values.append((name, value))

    def _form_named(self, form_id: str) -> Form:
        """A control may stand before the form that it belongs to."""
        return self._forms.setdefault(form_id, Form())
