"""What every page has to hold to, looked at on a small telephone, in the dark and on a desk."""

import json
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize

SMALL: ViewportSize = {"width": 320, "height": 640}
DESKTOP: ViewportSize = {"width": 1200, "height": 800}
# How a page is looked at: the size of the window and the colour scheme of the person.
LOOKS: dict[str, tuple[ViewportSize, Literal["light", "dark"]]] = {
    "small": (SMALL, "light"),
    "dark": (SMALL, "dark"),
    "desktop": (DESKTOP, "light"),
}
# Another language is another page; another look is the same page in another window.
in_each_language = pytest.mark.parametrize(
    ("locale", "looks"),
    [
        pytest.param("en", ("desktop", "dark", "small"), id="English"),
        pytest.param("ar", ("small",), id="Arabic"),
    ],
)
# The page's own colours, as the browser resolved them, against the first opaque background.
CONTRAST = """(() => {
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
})()"""
# Each rule returns the elements that break it.
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
    "no sentence in pieces": """[...document.querySelectorAll('body *')]
        .filter(each => /flex|grid/.test(getComputedStyle(each).display))
        .filter(each => [...each.children].some(child => !child.matches('.unseen')))
        .filter(each => [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
        .map(each => each.outerHTML)""",
    "no script and no inline style": """[...document.querySelectorAll('script, style, [style]')]
        .map(each => each.outerHTML)""",
    "text that can be read": CONTRAST,
    "the look that was asked for": "there() ? [] : [innerWidth]",
}
# All of them in one go, once the page has the look; a look that never comes breaks a rule itself.
ALL = (
    """async ([width, scheme]) => {
    const there = () =>
        innerWidth === width && matchMedia(`(prefers-color-scheme: ${scheme})`).matches;
    for (let frames = 0; frames < 300 && !there(); frames++)
        await new Promise(requestAnimationFrame);
    return {"""
    + ",\n".join(f"{json.dumps(rule)}: {check}" for rule, check in RULES.items())
    + "};\n}"
)


def broken_rules(page: Page, look: str = "small") -> dict[str, list[Any]]:
    """Give the page this look; return what breaks which rule."""
    viewport, scheme = LOOKS[look]
    page.set_viewport_size(viewport)
    page.emulate_media(color_scheme=scheme)
    found = page.evaluate(ALL, [viewport["width"], scheme])
    return {rule: elements for rule, elements in found.items() if elements}


def require_the_rules(page: Page, where: str, looks: tuple[str, ...]) -> None:
    page.wait_for_load_state()
    for look in looks:
        assert broken_rules(page, look) == {}, (where, look)
