"""The browser without a screen: it does what a person's browser does with forms and links."""

from urllib.parse import parse_qsl

import httpx
import pytest

from deploy.demo.browser import Browser, NotThere
from deploy.demo.page import Page

FORM = """
<title>Choose</title>
<p id="lead">Two <b>accounts</b></p>
<form method="post" action="/choose?step=2">
  <input type="hidden" name="csrf" value="token">
  <input name="login"> <input type="checkbox" name="accounts" value="1">
  <input type="checkbox" name="accounts" value="2" checked>
  <input type="radio" name="payer" value="a"><input type="radio" name="payer" value="b" checked>
  <select name="length"><option value="1">One<option value="2" selected>Two</select>
  <textarea name="note"></textarea> <input name="off" value="x" disabled>
  <button id="go" name="decision" value="approve">Go</button>
  <button id="stop" name="decision" value="refuse" formaction="/stop">Stop</button>
</form>
<button id="outside" form="other">Outside</button>
<form id="other" action="/search"><input name="q"></form>
<a id="away" href="/away">Away</a>
"""


class Site:
    """Answers by path; keeps what was sent."""

    def __init__(self, **pages):
        self.pages = {f"/{name}": answer for name, answer in pages.items()}
        self.sent = []

    def answer(self, request):
        self.sent.append(request)
        return self.pages.get(request.url.path, httpx.Response(200, html=FORM))


@pytest.fixture
def site():
    return Site(
        choose=httpx.Response(303, headers={"Location": "/done"}),
        done=httpx.Response(
            200, html='<meta http-equiv="Refresh" content="3; url=/next?a=1&amp;b=2">'
        ),
        loop=httpx.Response(302, headers={"Location": "/loop"}),
        hidden=httpx.Response(200, html=FORM, headers={"Referrer-Policy": "no-referrer"}),
    )


@pytest.fixture
def browser(site):
    with httpx.Client(transport=httpx.MockTransport(site.answer)) as http:
        yield Browser(http)


def form_of(request):
    return parse_qsl(request.content.decode(), keep_blank_values=True)


def test_a_form_is_sent_with_what_stands_in_it_and_what_was_typed(browser, site):
    browser.open("https://bank.test/start")
    browser.press("go", {"login": "jonas", "accounts": ["1", "2"]})
    post = site.sent[1]
    assert post.method == "POST"
    assert str(post.url) == "https://bank.test/choose?step=2"
    assert sorted(form_of(post)) == [
        ("accounts", "1"),
        ("accounts", "2"),
        ("csrf", "token"),
        ("decision", "approve"),
        ("length", "2"),
        ("login", "jonas"),
        ("note", ""),
        ("payer", "b"),
    ]
    assert post.headers["origin"] == "https://bank.test"


def test_what_was_ticked_stays_ticked_and_a_button_may_have_its_own_address(browser, site):
    browser.open("https://bank.test/start")
    browser.press("stop")
    assert site.sent[1].url.path == "/stop"
    assert ("accounts", "2") in form_of(site.sent[1])
    assert ("accounts", "1") not in form_of(site.sent[1])
    assert ("decision", "refuse") in form_of(site.sent[1])


def test_a_button_outside_its_form_sends_it_by_get(browser, site):
    browser.open("https://bank.test/start")
    browser.press("outside", {"q": "a b"})
    assert str(site.sent[1].url) == "https://bank.test/search?q=a+b"


def test_redirects_are_followed_by_get_and_the_pages_own_refresh_on_demand(browser, site):
    browser.open("https://bank.test/start")
    browser.press("go")
    assert browser.url == "https://bank.test/done"
    assert [one.method for one in site.sent] == ["GET", "POST", "GET"]
    browser.wait_for_refresh()
    assert str(site.sent[-1].url) == "https://bank.test/next?a=1&b=2"


def test_a_page_without_referrer_hides_its_origin_as_browsers_do(browser, site):
    browser.open("https://bank.test/hidden")
    browser.press("go")
    assert site.sent[1].headers["origin"] == "null"
    assert "referer" not in site.sent[1].headers


def test_what_is_not_on_the_page_is_named(browser):
    browser.open("https://bank.test/start")
    with pytest.raises(NotThere, match="button nothing"):
        browser.press("nothing")
    with pytest.raises(NotThere, match="field surname"):
        browser.press("go", {"surname": "x"})
    with pytest.raises(NotThere, match="link nothing"):
        browser.click("nothing")
    with pytest.raises(NotThere, match="redirects"):
        browser.open("https://bank.test/loop")


def test_the_text_of_an_element_is_that_of_all_inside_it():
    page = Page(FORM)
    assert page.title == "Choose"
    assert page.text("lead") == "Two accounts"
    assert page.checkboxes == {"accounts": ["1", "2"]}
    assert page.links == {"away": "/away"}
