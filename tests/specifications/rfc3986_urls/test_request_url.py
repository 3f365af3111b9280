"""RFC 3986, 6.2: which spellings are one URL, and which paths a decoded one cannot tell apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.protocol.specs.request_url import normalised, path_as_sent

requirement = pytest.mark.requirement
HOST = "https://api.example.com"


def path_of(url, **how):
    found = normalised(HOST + url, **how)
    return found and found[-1]


@requirement("RFC3986-6.2.2")
@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("", "/"),
        ("/", "/"),
        ("/a%2fb", "/a%2Fb"),
        ("/%7Euser", "/~user"),
        ("/%41%2d%2E%5f", "/A-._"),
        ("/test.user%40example.com", "/test.user%40example.com"),
        ("/test.user@example.com", "/test.user@example.com"),
        ("/a//b", "/a//b"),
        ("/a;v=1,2", "/a;v=1,2"),
        ("/%e2%82%ac", "/%E2%82%AC"),
    ],
)
def test_escapes_have_one_spelling(written, path):
    assert path_of(written) == path_of(written, as_sent=True) == path


@requirement("RFC3986-6.2.2")
@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/a/b/c/./../../g", "/a/g"),
        ("/mid/content=5/../6", "/mid/6"),
        ("/a/..", "/"),
        ("/a/b/..", "/a/"),
        ("/a/.", "/a/"),
        ("/../../a", "/a"),
        ("/a/%2e%2E/b", "/b"),
        ("/a/.%2e/b", "/b"),
        ("/.", "/"),
        ("/a//../b", "/a/b"),
    ],
)
def test_dot_segments_are_resolved_in_a_claim_and_refused_in_a_request(written, path):
    """What routes the request may resolve them or not: two readers, two resources."""
    assert path_of(written) == path
    assert path_of(written, as_sent=True) is None


@requirement("RFC3986-6.2.2")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/a/b", "/a%2Fb"),
        ("/a/b", "/a%252Fb"),
        ("/a%2Fb", "/a%252Fb"),
        ("/a@b", "/a%40b"),
        ("/a?b", "/a%3Fb"),
        ("/a", "/a/"),
        ("/a;b", "/a%3Bb"),
        ("/a+b", "/a%20b"),
        ("/a/..b", "/b"),
        ("/a%2F..%2Fb", "/b"),
    ],
)
def test_what_decodes_alike_is_not_one_path(one, other):
    assert path_of(one) is not None
    assert path_of(one) != path_of(other)


@requirement("RFC3986-6.2.2")
@pytest.mark.parametrize("path", ["/%", "/a%2", "/a%zz", "/%u0041", "/a b", "/a\nb", "/\u00e9"])
def test_a_broken_path_is_none(path):
    assert path_of(path) is None


@requirement("DPOP-4.3")
@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"RAW_URI": "/a%2Fb?c=/d"}, "/a%2Fb"),
        ({"REQUEST_URI": "/a%2Fb"}, "/a%2Fb"),
        ({"RAW_URI": "/a", "REQUEST_URI": "/a"}, "/a"),
        ({"RAW_URI": "HTTPS://other.example/a%2Fb?c"}, "/a%2Fb"),
        ({"RAW_URI": "https://other.example"}, "/"),
        ({"RAW_URI": "//other.example/a"}, "//other.example/a"),
        ({"RAW_URI": "/a", "REQUEST_URI": "/b"}, None),
        ({"RAW_URI": "*"}, None),
        ({"RAW_URI": "other.example:443"}, None),
        ({"RAW_URI": "/a#b"}, None),
        ({"RAW_URI": ""}, None),
        ({"PATH_INFO": "/a/b", "HTTP_RAW_URI": "/a/b", "HTTP_REQUEST_URI": "/a/b"}, None),
        ({}, None),
    ],
    ids=str,
)
def test_the_target_comes_from_the_server_alone(environ, path):
    assert path_as_sent(environ) == path


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_no_url_raises(url):
    found = normalised(url)

    assert found is None or found[1]


@given(st.text(st.sampled_from("/.%2eE5fFa~@;"), max_size=20))
def test_a_normalised_path_stays_as_it_is(text):
    path = path_of(f"/{text}")

    assert path is None or path_of(path) in (path, None if "//" in path[:2] else path)
