import pytest

from .running import Running, echo


@pytest.fixture
def serve():
    """Starts servers, and ends them; none may have met an exception that nobody handled."""
    begun = []

    def start(app=echo, **options):
        begun.append(Running(app, **options))
        return begun[-1]

    yield start
    for running in begun:
        running.close()
