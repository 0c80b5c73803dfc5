"""One explained run as people read it: `templates/explained/run.html`, for tests and for recorded runs.

A page shows a run with `{% include "explained/run.html" %}`, its style sheet linked in the block `head`::

    {% block head %}<link rel="stylesheet" href="{{ static("explained.css") }}">{% endblock %}

The fragment reads these names; what is marked (optional) may be absent:

- `explained`: what `explain_any` made, a JSON object; also the short one of a refused call;
- `status`: what the caller got, an int;
- `headers` (optional): the reply's, pairs or an object; without it the API's alone are shown;
- `body` (optional): the reply's body, bytes or text; `None` is one that was not kept;
- `total_ms`, `request_id` (optional): of the whole call;
- `cache_hit` (optional): whether the reply came from the response cache;
- `field_page` (optional): the address of the page that has the connector's fields, when it is not this one;
- `doubted`, `way_back` (optional): what `sections.doubted` found for a refused credential;
- `run_id` (optional): begins the ids in the fragment, when a page has two of them.

Values are expected to be scrubbed of secrets, as `explain` and `TestResult` are. Everything is bounded: what
is left out is said.
"""

from sealgate.web.studio.explained.run import FILTERS, explained_run

__all__ = ["FILTERS", "explained_run"]
