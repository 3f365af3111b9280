"""Every page fits a small telephone, in both directions, and is built for everybody."""

from urllib.parse import urlencode

import pytest
from django.urls import reverse

from authserver.accounts import actions
from tests import world
from tests.accounts.authenticator_app import App
from tests.accounts.guest import PASSWORD
from tests.chromium import press

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "account_home",
    "account_logout",
    "account_change_password",
    "mfa_index",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_deactivate_totp",
    "consents:list",
]
SMALL = {"width": 320, "height": 640}
# What any page has to hold to; each rule returns the elements that break it.
RULES = {
    "one heading of the first level": "document.querySelectorAll('h1').length === 1 ? [] : ['h1']",
    "a language": "document.documentElement.lang ? [] : ['html']",
    "no id twice": """(() => {
        const ids = [...document.querySelectorAll('[id]')].map(each => each.id);
        return ids.filter((id, place) => ids.indexOf(id) !== place);
    })()""",
    "a label for every control": """[...document.querySelectorAll('input')]
        .filter(each => each.type !== 'hidden' && !each.hidden && !each.labels.length)
        .map(each => each.outerHTML)""",
    "a name for every picture": """[...document.images]
        .filter(each => !each.hasAttribute('alt')).map(each => each.outerHTML)""",
    "a landmark for everything": """[...document.body.children]
        .filter(each => !each.matches('header, main, footer, .skip'))
        .map(each => each.outerHTML)""",
    "targets of 44 pixels": """[...document.querySelectorAll('a, button, summary, .choice')]
        .filter(each => !each.closest('p, .error-summary, h2') && !each.matches('.skip'))
        .filter(each => each.getBoundingClientRect().height < 43.5).map(each => each.outerHTML)""",
    "nothing beyond the edge": """document.documentElement.scrollWidth <= innerWidth ? []
        : [...document.querySelectorAll('*')]
            .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
            .map(each => each.outerHTML.slice(0, 120))""",
    "no script and no inline style": """[...document.querySelectorAll('script, style, [style]')]
        .map(each => each.outerHTML)""",
}
# The page's own colours, as the browser resolved them, against the first opaque background.
CONTRAST = """() => {
    const parse = text => text.match(/[\\d.]+/g).map(Number);
    const opaque = node => {
        for (; node; node = node.parentElement) {
            const found = parse(getComputedStyle(node).backgroundColor);
            if (found.length === 3 || found[3] > 0.99) return found;
        }
        return [255, 255, 255];
    };
    const light = rgb => {
        const [red, green, blue] = rgb.slice(0, 3).map(value => value / 255).map(
            value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const bad = [];
    while (walker.nextNode()) {
        const node = walker.currentNode.parentElement;
        if (!walker.currentNode.data.trim() || !node.getClientRects().length) continue;
        if (node.closest('.skip, .unseen')) continue;
        const pair = [light(parse(getComputedStyle(node).color)), light(opaque(node))].sort();
        const ratio = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
        if (ratio < 4.5) bad.push(`${ratio.toFixed(2)}: ${walker.currentNode.data.trim()}`);
    }
    return bad;
}"""


@pytest.fixture
def mariam(site, openfinance, uae):
    made = world.person("mariam", openfinance)
    actions.add_second_factor(made, secret=App.secret, by="test")
    return made


def sign_in(page):
    page.goto(reverse("account_login"))
    enter_both_factors(page)


def enter_both_factors(page):
    page.fill("#login-username", "mariam")
    page.fill("#login-password", PASSWORD)
    press(page, "#login-submit")
    page.fill("#mfa-code", App().code())
    press(page, "#mfa-submit")


def hold_to_the_rules(page, where):
    page.wait_for_load_state()
    broken = {rule: page.evaluate(check) for rule, check in RULES.items()}
    assert {rule: found for rule, found in broken.items() if found} == {}, where
    assert page.evaluate(CONTRAST) == [], where


in_every_window = pytest.mark.parametrize(
    "options",
    [
        pytest.param({"viewport": SMALL, "locale": "en"}, id="small"),
        pytest.param({"viewport": SMALL, "locale": "ar"}, id="small and Arabic"),
        pytest.param({"viewport": SMALL, "locale": "en", "color_scheme": "dark"}, id="dark"),
        pytest.param({"viewport": {"width": 1200, "height": 800}, "locale": "en"}, id="desktop"),
    ],
)


@in_every_window
def test_every_page_holds_to_the_rules(new_window, mariam, options):
    page = new_window(**options)
    page.goto(reverse("account_login"))
    hold_to_the_rules(page, "sign in")
    press(page, "#login-submit")
    hold_to_the_rules(page, "sign in, with errors")
    sign_in(page)
    for name in PAGES:
        page.goto(reverse(name))
        hold_to_the_rules(page, name)
    actions.remove_second_factor(mariam, by="test")
    page.goto(reverse("mfa_activate_totp"))
    page.click("summary")
    hold_to_the_rules(page, "set-up")


@in_every_window
def test_the_pages_around_a_consent_hold_to_the_rules(new_window, mariam, tpp, options):
    page = new_window(**options)
    page.route("https://tpp.example.com/**", lambda route: None)  # no answer: we stay where we are
    pushed = tpp.push().json()["request_uri"]
    query = urlencode({"client_id": tpp.client_id, "request_uri": pushed})
    address = f"/{tpp.ecosystem.slug}/authorize?{query}"

    page.goto(address)
    hold_to_the_rules(page, "sign in")
    enter_both_factors(page)
    review = page.url
    hold_to_the_rules(page, "review")
    press(page, "#consent-approve")
    hold_to_the_rules(page, "returning")
    page.goto(review)
    hold_to_the_rules(page, "finished")
    page.goto(address)
    hold_to_the_rules(page, "error")
    page.goto("/nowhere")
    hold_to_the_rules(page, "not found")


def test_the_rules_find_what_breaks_them(page, site):
    page.goto(reverse("account_signed_out"))
    page.evaluate(
        """document.body.insertAdjacentHTML('beforeend',
            '<div id="content"><h1>Twice</h1><input><img><a href="/x">x</a></div>');
        document.querySelector('.lead').attributeStyleMap.set('color', '#999')"""
    )

    broken = [rule for rule, check in RULES.items() if page.evaluate(check)]

    assert len(page.evaluate(CONTRAST)) == 1
    assert broken == [
        "one heading of the first level",
        "no id twice",
        "a label for every control",
        "a name for every picture",
        "a landmark for everything",
        "targets of 44 pixels",
        "no script and no inline style",
    ]
