"""The option that writes the generated sources anew."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the generated sources beside the twins")


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Is this run meant to accept what is generated now?"""
    return bool(request.config.getoption("--update-golden", default=False))
