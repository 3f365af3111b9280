"""An operator registers a participant, with what the form needs at least."""

from clients.models import Participant


def register(operator, ecosystem, **changes):
    typed = {
        "ecosystem": ecosystem.pk,
        "trading_name": "Newcomer",
        "legal_name": "Newcomer Limited",
        "registration_number": "L-1",
        "website": "https://newcomer.example",
        "roles": "tpp\n\n resource_server \ntpp",
    }
    return operator.adds(Participant, **{**typed, **changes})
