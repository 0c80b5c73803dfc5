import pytest

from sealgate.web.studio.browsers import browser_of

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("user_agent", "browser"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox 128 on Linux"),
        (f"{WINDOWS}Chrome/130.0.0.0 Safari/537.36", "Chrome 130 on Windows"),
        (f"{WINDOWS}Chrome/130.0.0.0 Safari/537.36 Edg/130.0.2849.56", "Edge 130 on Windows"),
        (f"{MAC}605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari 18 on macOS"),
        (f"{PHONE}Version/18.1 Mobile/15E148 Safari/604.1", "Safari 18 on iPhone"),
        (f"{PHONE}CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1", "Chrome 130 on iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "unknown"),
    ],
)
def test_browsers_have_their_names(user_agent: str, browser: str) -> None:
    assert browser_of(user_agent) == browser
