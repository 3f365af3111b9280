"""The colours of an ecosystem: one accent, from which the others are made (WCAG 2.2, 1.4.3).

White text has to be readable on the accent. In the dark, where the accent may be too dark to
read, it is mixed with white until it is readable.
"""

WHITE = "#ffffff"
DARK_SURFACE = "#202b36"
DARK_INK = "#0b1520"
READABLE = 4.5
EASY = 6.0  # our choice: just readable looks dull on a dark page


def why_not_an_accent(colour: str) -> str | None:
    """A sentence if people could not read white text on the colour, None if they can."""
    ratio = contrast(colour, WHITE)
    if ratio >= READABLE:
        return None
    return f"White text on {colour} has a contrast of {ratio:.1f} to 1; people need {READABLE}."


def stylesheet(accent: str) -> str:
    """The colour roles that a theme sets, for light and for dark."""
    light = _roles(brand=accent, on_brand=WHITE, action=accent, on_action=WHITE)
    dark = _roles(
        brand=accent, on_brand=WHITE, action=readable_in_the_dark(accent), on_action=DARK_INK
    )
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def readable_in_the_dark(colour: str) -> str:
    """The colour, with as much white as it takes to be readable on the dark surface."""
    for share in range(0, 101, 5):
        mixed = _mix(colour, WHITE, share=share / 100)
        if contrast(mixed, DARK_SURFACE) >= EASY:
            return mixed
    return WHITE


def contrast(first: str, second: str) -> float:
    """Between 1 and 21, for two colours written as # and six hex digits."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _roles(*, brand: str, on_brand: str, action: str, on_action: str) -> str:
    return (
        f"--brand: {brand}; --on-brand: {on_brand}; --action: {action}; --on-action: {on_action};"
    )


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _mix(first: str, second: str, *, share: float) -> str:
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(one + (two - one) * share):02x}" for one, two in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
