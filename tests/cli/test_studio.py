"""`sealgate login-link`."""

from urllib.parse import urlsplit

import pytest


def test_it_prints_a_link_and_nothing_else(sealgate):
    link = sealgate("login-link").stdout.strip()
    assert link.startswith("http://127.0.0.1:8081/login?token=")
    assert len(urlsplit(link).query) == len("token=") + 43


def test_json_says_for_whom_it_is(sealgate):
    link = sealgate.json(
        "login-link", "--name", "ada", "--scope", "read", "--tenant", "acme", "--expires", "2h"
    )
    assert (link["name"], link["scopes"], link["tenant"]) == ("ada", ["read"], "acme")
    assert link["expires_at"].endswith("Z")


@pytest.mark.parametrize(
    ("settings", "begins"),
    [
        ({"SEALGATE_ADMIN_LISTEN": "0.0.0.0:9000"}, "http://127.0.0.1:9000/login?"),
        ({"SEALGATE_ADMIN_LISTEN": "[::1]:9000"}, "http://[::1]:9000/login?"),
        ({"SEALGATE_STUDIO_ORIGIN": "https://studio.example.com"}, "https://studio.example.com/login?"),
    ],
)
def test_it_leads_where_browsers_find_studio(sealgate, settings, begins):
    assert sealgate("login-link", **settings).stdout.startswith(begins)


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (("--expires", "soon"), 2),
        (("--expires", "8d"), 1),
        (("--expires", "0s"), 1),
        (("--scope", "execute"), 1),
        (("--name", "a\x1b[2J"), 1),
        (("--tenant", "../x"), 2),
    ],
)
def test_wrong_use_ends_with_an_error(sealgate, arguments, exit_code):
    sealgate("login-link", *arguments, exit_code=exit_code)


def test_an_origin_that_is_none_is_named(sealgate):
    answer = sealgate("config", "check", exit_code=1, SEALGATE_STUDIO_ORIGIN="studio.example.com/x")
    assert "SEALGATE_STUDIO_ORIGIN" in answer.output
