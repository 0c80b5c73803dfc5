"""What a `User-Agent` says of a browser, as people call it."""

from __future__ import annotations

import re

BROWSERS = (
    ("Edge", r"\bEdgA?/(\d+)"),
    ("Opera", r"\bOPR/(\d+)"),
    ("Samsung Internet", r"\bSamsungBrowser/(\d+)"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"\b(?:Headless)?(?:Chrome|CriOS)/(\d+)"),
    ("Safari", r"\bVersion/(\d+).*\bSafari/"),
)
"""The first that fits: most browsers name the others besides themselves."""
SYSTEMS = (
    ("Android", r"\bAndroid\b"),
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Windows", r"\bWindows\b"),
    ("macOS", r"\bMac OS X\b"),
    ("Linux", r"\bLinux\b"),
)


def browser_of(user_agent: str) -> str:
    """`Firefox 128 on Linux`; the header itself when it is of no known browser. Anyone can write
    anything there: it says who it may have been, and proves nothing."""
    system = next((name for name, pattern in SYSTEMS if re.search(pattern, user_agent)), None)
    for name, pattern in BROWSERS:
        if found := re.search(pattern, user_agent):
            return f"{name} {found[1]} on {system}" if system else f"{name} {found[1]}"
    return user_agent or "unknown"
