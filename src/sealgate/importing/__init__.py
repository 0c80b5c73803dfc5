"""Connector documents from what people have at hand: a `curl` command, an OpenAPI document, an example.

Everything here proposes; nothing is stored and nothing is fetched."""
