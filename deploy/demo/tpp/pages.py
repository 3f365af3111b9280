"""The TPP's pages. Everything that came from outside is escaped here, and only here."""

from collections.abc import Collection
from decimal import Decimal
from html import escape
from typing import Any

from deploy.demo.parties import BANK, ECOSYSTEMS
from deploy.demo.tpp import consent_requests
from deploy.demo.tpp.bank import AccountShown
from deploy.demo.tpp.connections import Connector
from deploy.demo.tpp.sessions import Visit
from deploy.local.https_client import Exchange

ECOSYSTEM_NAMES = {one.slug: one.name for one in ECOSYSTEMS}
ECOSYSTEM_SUMMARIES = {one.slug: one.summary for one in ECOSYSTEMS}
KINDS = {
    "CurrentAccount": "Current account",
    "Savings": "Savings account",
    "CreditCard": "Credit card",
}


def start(connectors: Collection[Connector]) -> str:
    """Choose a company and a bank."""
    companies = {one.company.slug: one.company for one in connectors}
    cards = []
    for company in companies.values():
        links = "".join(
            f'<li><a class="bank" id="choose-{one.client.client_id}" '
            f'href="/{one.client.client_id}/"><strong>{escape(BANK.trading_name)}</strong>'
            f"<span>{escape(ECOSYSTEM_NAMES[one.client.ecosystem])}, "
            f"{escape(ECOSYSTEM_SUMMARIES[one.client.ecosystem])}</span></a></li>"
            for one in connectors
            if one.company is company
        )
        cards.append(
            f'<section class="card {company.slug}"><h2>{escape(company.trading_name)}</h2>'
            f"<p>Offers {escape(company.purpose)}. Choose your bank:</p>"
            f'<ul class="banks">{links}</ul></section>'
        )
    body = (
        "<h1>Two companies that would like to see your accounts</h1>"
        '<p class="lead">Both are invented, like the bank. Choose one to see what happens when '
        "a third party asks a bank's customer for permission.</p>" + "".join(cards)
    )
    return _page("Choose a company", body)


def client(connector: Connector, visit: Visit) -> str:
    """One company at one bank: what it asks, or what it sees."""
    body = (
        f"<h1>{escape(connector.company.trading_name)}</h1>"
        f'<p class="lead">{escape(connector.company.purpose.capitalize())}.</p>'
        + _notice(visit)
        + (_connected(connector, visit) if visit.tokens else _request_card(connector))
        + _exchanges(visit.exchanges)
    )
    return _page(connector.company.trading_name, body, company=connector.company.slug)


def failed(sentence: str, *, error: str, reference: str, back: str) -> str:
    facts = "".join(
        f"<dt>{name}</dt><dd>{escape(value)}</dd>"
        for name, value in (("What the server said", error), ("Reference", reference))
        if value
    )
    body = (
        '<h1>That did not work</h1><section class="card" id="failed">'
        f"<p>{escape(sentence)}</p><dl>{facts}</dl>"
        f'<p><a href="{escape(back)}">Back to the beginning</a></p></section>'
    )
    return _page("That did not work", body)


def _request_card(connector: Connector) -> str:
    sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in consent_requests.SENTENCES)
    last_day = consent_requests.last_day(now=consent_requests.present())
    return (
        '<section class="card" id="wish">'
        f"<h2>Connect {escape(BANK.trading_name)}</h2>"
        f"<p>{escape(connector.client.legal_name)} would like to see:</p><ul>{sentences}</ul>"
        f"<p>Until {last_day}. You choose the accounts at your bank, and can stop it there at any"
        " time. We cannot move money.</p>"
        + _button(connector, "connect", f"Continue to {BANK.trading_name}")
        + "</section>"
    )


def _connected(connector: Connector, visit: Visit) -> str:
    rows = "".join(_account(account) for account in visit.accounts)
    thefts = "".join(
        f'<li><strong>{escape(who.capitalize())}</strong>: <span class="status">{status}</span> '
        f"{escape(reason)}</li>"
        for who, status, reason in visit.thefts
    )
    return (
        f'<section class="card" id="accounts"><h2>Your accounts at {escape(BANK.trading_name)}</h2>'
        f'<ul class="accounts">{rows}</ul><div class="actions">'
        + _button(connector, "refresh", "Refresh")
        + _button(connector, "forget", "Disconnect and forget", plain=True)
        + '</div></section><section class="card" id="theft"><h2>What if our token were stolen?</h2>'
        "<p>The token works only together with our certificate. See what a thief would get.</p>"
        + (f'<ul id="thefts">{thefts}</ul>' if thefts else "")
        + _button(connector, "steal", "Try the stolen token", plain=True)
        + "</section>"
    )


def _account(account: AccountShown) -> str:
    amount = f"{Decimal(account.balance):,.2f}"
    groups = " ".join(account.iban[i : i + 4] for i in range(0, len(account.iban), 4))
    return (
        f'<li class="account" id="account-{escape(account.id)}">'
        f"<span><strong>{escape(account.name)}</strong>"
        f"<small>{escape(KINDS.get(account.type, account.type))}</small>"
        f"<small>{escape(groups)}</small></span>"
        f'<span class="amount">{escape(amount)} <small>{escape(account.currency)}</small></span>'
        "</li>"
    )


def _button(connector: Connector, action: str, text: str, *, plain: bool = False) -> str:
    kind = ' class="plain"' if plain else ""
    return (
        f'<form method="post" action="/{connector.client.client_id}/{action}">'
        f'<button id="{action}"{kind}>{escape(text)}</button></form>'
    )


def _notice(visit: Visit) -> str:
    if not visit.notice:
        return ""
    detail = f" <small>{escape(visit.detail)}</small>" if visit.detail else ""
    return f'<p class="notice" id="{visit.notice_id}">{escape(visit.notice)}{detail}</p>'


def _exchanges(exchanges: Collection[Exchange]) -> str:
    if not exchanges:
        return ""
    items = "".join(
        f"<li><strong>{escape(one.what)}</strong>"
        f"<code>{escape(one.method)} {escape(one.url)}</code>"
        f"{_facts(one.inside or one.sent)}"
        f'<span class="status">{one.status}</span>{_facts(one.answer)}</li>'
        for one in exchanges
    )
    return (
        '<details class="card"><summary>What was said behind the scenes '
        f'({len(exchanges)})</summary><ol class="wire">{items}</ol></details>'
    )


def _facts(content: Any) -> str:
    if not content:
        return ""
    if not isinstance(content, dict):
        return f"<pre>{escape(str(content))}</pre>"
    rows = "\n".join(f"{name}: {value}" for name, value in content.items())
    return f"<pre>{escape(rows)}</pre>"


def _page(title: str, body: str, *, company: str = "") -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="stylesheet" href="/style.css"></head>'
        f'<body class="{company}"><header><a href="/">All companies</a></header>'
        f"<main>{body}</main>"
        "<footer>A demo. The companies, the people and their money are invented.</footer>"
        "</body></html>"
    )
