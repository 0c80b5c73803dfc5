"""The HTTP/1.1 server of both planes: ASGI 3 over the event loop's own transports and llhttp.

`parsing` reads requests, `connection` carries them to the application one after the other, `reply` writes
what it answers, `patience` says how long that may take, `listening` is a listening socket from its first
connection to the last reply.
"""

from sealgate.web.server.listening import Listening
from sealgate.web.server.patience import Patience
from sealgate.web.server.reply import ReplyBroken

__all__ = ["Listening", "Patience", "ReplyBroken"]
