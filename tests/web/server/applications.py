"""Small applications, and the requests that they are called with."""

from .running import body, reply

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def posting(size):
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size


def whole(status=200, content=b"", fields=()):
    async def app(scope, receive, send):
        await body(receive)
        await reply(send, status, content, fields)

    return app


def pieces(*parts, fields=(), status=200):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": fields})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})

    return app


def length(size):
    return [(b"content-length", b"%d" % size)]
