"""Which addresses of repositories are taken, as what git gets them, and where they may lead."""

from ipaddress import ip_address

import pytest

from sealgate.egress import Allowance
from sealgate.errors import DestinationBlocked, UpstreamUnreachable
from sealgate.host import UrlProblem
from sealgate.registry.git_remote import addresses, parse_remote, refusal


@pytest.mark.parametrize(
    ("text", "scheme", "url"),
    [
        ("https://git.example.com/team/c.git", "https", "https://git.example.com/team/c.git"),
        ("HTTPS://Git.Example.com:443/c", "https", "https://git.example.com/c"),
        ("https://git.example.com:8443/c", "https", "https://git.example.com:8443/c"),
        ("http://git.example.com", "http", "http://git.example.com/"),
        ("ssh://git@git.example.com/team/c.git", "ssh", "ssh://git@git.example.com:22/team/c.git"),
        ("ssh://git.example.com:2222/~ada/c", "ssh", "ssh://git@git.example.com:2222/~ada/c"),
        ("ssh://git@[2606:4700::1]/c", "ssh", "ssh://git@[2606:4700::1]:22/c"),
        ("git@github.com:team/connectors.git", "ssh", "git@github.com:team/connectors.git"),
        ("github.com:team/connectors.git", "ssh", "git@github.com:team/connectors.git"),
        ("/srv/git/c.git", "file", "file:///srv/git/c.git"),
        ("file:///srv/git/c.git", "file", "file:///srv/git/c.git"),
    ],
)
def test_taken(text, scheme, url):
    remote = parse_remote(text)
    assert (remote.scheme, remote.url) == (scheme, url)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "connectors",
        "./connectors",
        "ext::sh -c touch% /tmp/pwned",
        "ext::sh -c id",
        "fd::17",
        "git://git.example.com/c",
        "ftp://git.example.com/c",
        "file://host/c",
        "--upload-pack=touch /tmp/pwned",
        "-oProxyCommand=id:x",
        "ssh://-oProxyCommand=id/c",
        "ssh://git@-oProxyCommand=id/c",
        "ssh://-oProxyCommand=id@git.example.com/c",
        "ssh://git@git.example.com:22x/c",
        "ssh://git@git.example.com:99999/c",
        "ssh://git@git.example.com",
        "ssh://git@git.example.com/c;id",
        "git@git.example.com:-c",
        "git@git.example.com:c d",
        "git@git.example.com:$(id)",
        "https://ada:password@git.example.com/c",
        "https://token@git.example.com/c",
        "https://git.example.com/c?x=1",
        "https://git.example.com/c#x",
        "https://git.example.com\\@evil.example/c",
        "https://0x7f.1/c",
        "https://git.example.com/c\n--upload-pack=id",
        "/srv/c\n.git",
        "git@git.example.com:c\nx",
    ],
)
def test_not_taken(text):
    with pytest.raises(UrlProblem):
        parse_remote(text)


@pytest.mark.parametrize(
    ("text", "allow", "local", "reason"),
    [
        ("https://git.example.com/c", [], False, None),
        ("http://git.example.com/c", [], False, "plain http"),
        ("http://git.example.com/c", ["http://git.example.com"], False, None),
        ("https://10.0.0.1/c", [], False, "not public"),
        ("https://10.0.0.1/c", ["10.0.0.0/8"], False, None),
        ("https://localhost/c", [], False, "this machine itself"),
        ("/srv/c", [], False, "SEALGATE_GIT_ALLOW_LOCAL"),
        ("/srv/c", [], True, None),
        ("git@git.example.com:c", [], False, None),
    ],
)
def test_refusal(text, allow, local, reason):
    said = refusal(parse_remote(text), Allowance.parse(allow), allow_local=local)
    assert (said is None) == (reason is None)
    assert reason is None or reason in said


@pytest.mark.parametrize(
    ("text", "allow", "found", "expected"),
    [
        ("https://git.example.com/c", [], ["1.1.1.1", "2606:4700::1"], ["1.1.1.1", "2606:4700::1"]),
        ("https://git.example.com/c", [], ["10.0.0.1", "1.1.1.1"], ["1.1.1.1"]),
        ("https://git.example.com/c", [], ["169.254.169.254"], None),
        ("https://git.example.com/c", ["10.0.0.0/8"], ["10.0.0.1"], ["10.0.0.1"]),
        ("git@git.example.com:c", [], ["1.1.1.1"], ["1.1.1.1"]),
        ("git@git.example.com:c", [], ["127.0.0.1"], None),
        ("git@localhost:c", [], ["127.0.0.1"], None),
        ("git@git.example.com:c", ["10.0.0.0/8"], ["10.0.0.1"], ["10.0.0.1"]),
        ("git@git.example.com:c", ["http://git.example.com:22"], ["10.0.0.1"], None),
    ],
)
async def test_addresses(text, allow, found, expected):
    async def resolve(host, port):
        return [ip_address(each) for each in found]

    asked = addresses(parse_remote(text), Allowance.parse(allow), resolve)
    if expected is None:
        with pytest.raises(DestinationBlocked, match=r"SEALGATE_EGRESS_ALLOW"):
            await asked
    else:
        assert [str(each) for each in await asked] == expected


async def test_a_name_without_an_address():
    async def resolve(host, port):
        raise OSError

    with pytest.raises(UpstreamUnreachable, match=r"git\.example\.com does not resolve"):
        await addresses(parse_remote("git@git.example.com:c"), Allowance(), resolve)
