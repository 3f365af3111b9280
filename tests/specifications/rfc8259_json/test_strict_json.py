"""RFC 8259: the JSON of strangers that we read, and all that we do not."""

import json
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authserver.protocol import strict_json
from authserver.protocol.strict_json import BadJSON

requirement = pytest.mark.requirement

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc\u00e9"), inner),
    max_leaves=15,
)


@requirement("RFC8259-4", "RFC8259-6", "RFC8259-8.1")
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(b'{"a":1,"a":1}', id="a repeated member"),
        pytest.param(b'{"a":1,"\\u0061":2}', id="a member repeated in another spelling"),
        pytest.param(b'{"x":[{"a":1,"a":1}]}', id="a repeated member deep inside"),
        pytest.param('{"a":1}'.encode("utf-16"), id="UTF-16"),
        pytest.param('{"a":1}'.encode("utf-32-le"), id="UTF-32"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="BOM"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', id="a surrogate in UTF-8"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":-Infinity}', id="Infinity"),
        pytest.param(b'{"a":1e999}', id="a number beyond every float"),
        pytest.param(b'{"a":-1e999}', id="a number below every float"),
        pytest.param(b'{"a":9007199254740992}', id="2^53"),
        pytest.param(b'{"a":' + b"9" * 5_000 + b"}", id="5000 digits"),
        pytest.param(b'{"a":"\\u0000"}', id="NUL"),
        pytest.param(b'{"\\u0000":1}', id="NUL in a name"),
        pytest.param(b'{"a":"\x00"}', id="raw NUL"),
        pytest.param(b'{"a":["\\ud800"]}', id="half a surrogate pair"),
        pytest.param(b'{"a\\udc00":1}', id="half a surrogate pair in a name"),
        pytest.param('{"a":"\ud800"}', id="half a surrogate pair as text"),
        pytest.param(b"[" * 21 + b"]" * 21, id="21 deep"),
        pytest.param(b'{"a":' * 40_000, id="40000 deep"),
        pytest.param(b"[" * 60_000, id="60000 deep"),
        pytest.param(b'"' + b"a" * 131_072 + b'"', id="131 kB"),
        pytest.param(b"{'a':1}", id="other quotes"),
        pytest.param(b'{"a":1,}', id="a comma too many"),
        pytest.param(b'{"a":01}', id="a leading zero"),
        pytest.param(b'{"a":1}{}', id="two texts"),
        pytest.param(b'{"a":"\n"}', id="a raw newline"),
        pytest.param(b"// no\n{}", id="a comment"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_this_text_is_refused(text):
    with pytest.raises(BadJSON) as refusal:
        strict_json.loads(text)
    assert refusal.value.__context__ is None


@requirement("RFC8259-4")
def test_a_text_in_quotes_does_not_count_as_depth():
    text = json.dumps({'"\\' + "[{" * 50: "]}" * 50, "b": "\\" + '"[' * 50})

    assert strict_json.loads(text) == json.loads(text)


def test_twenty_deep_is_read():
    assert strict_json.loads("[" * 20 + "]" * 20) == json.loads("[" * 20 + "]" * 20)
    assert strict_json.loads("[" + "[]," * 50 + "[]]") == [[]] * 51


@pytest.mark.parametrize("text", ["null", "[]", '"x"', "5", "true"])
def test_an_object_is_wanted_where_an_object_is_wanted(text):
    assert strict_json.loads(text) == json.loads(text)

    with pytest.raises(BadJSON, match="object"):
        strict_json.object_of(text)


@given(JSON)
@settings(max_examples=150)
def test_what_json_can_say_is_read(value):
    for ascii_only in (True, False):
        text = json.dumps(value, ensure_ascii=ascii_only)
        assert strict_json.loads(text) == value
        assert strict_json.loads(text.encode()) == value


@given(st.text() | st.binary() | st.text('[]{}",:\\u0019.eE-+ \ntrufalsn'))
@settings(max_examples=300)
def test_nothing_else_is_raised_and_nothing_else_is_read(text):
    try:
        found = strict_json.loads(text)
    except BadJSON:
        return
    assert found == json.loads(text)
    assert strict_json.loads(json.dumps(found)) == found


def test_the_longest_text_is_read_quickly():
    """One that makes a scanner start anew at every quote would take minutes."""
    room = strict_json.MAX_CHARACTERS - 40
    for text in (
        "[" * 21 + '"' + '\\"' * (room // 2),
        "[" * 21 + '"\\' * (room // 2),
        "[" * 21 + '""' * (room // 2),
        '{"a":"' + "x" * room + '"}',
    ):
        started = time.thread_time()
        with suppress(BadJSON):
            strict_json.loads(text)
        assert time.thread_time() - started < 0.2
