"""The page of all names says what the rules say."""

from __future__ import annotations

import pytest

from tests.docs.reference import PAGE, page, versions

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.skipif(versions() not in TEXT, reason="the page was written with other versions")
def test_the_page_is_as_it_is_written() -> None:
    assert page() == TEXT


def test_every_class_is_explained() -> None:
    for kind in ("differentiable", "interpreted", "constant", "opaque", "not supported"):
        assert f"*{kind}*" in TEXT
