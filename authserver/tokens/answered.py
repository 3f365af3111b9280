"""That a request is answered, once and in one browser: what is stored of it with the answer."""

from datetime import datetime

from django.db import models

from authserver.protocol.requirements import case
from authserver.storage.prepared import Parameter
from authserver.storage.share_lock import UpdateLock
from authserver.storage.together import Changed, Held, Parts
from authserver.tokens.models import AuthorizationTransaction, PushedRequest


@case("AZ-17")
def completion(transaction: AuthorizationTransaction, *, now: datetime) -> Parts:
    """That the request is answered in this browser, to be stored with what the answer gives.

    Nothing is where it was answered, decided otherwise or taken over meanwhile.
    """
    pushed = transaction.pushed_request
    used_up = Changed(pushed, {"completed_at": now})
    if transaction.unstored:
        transaction.completed_at = now
        return Parts(
            rows=transaction.unstored,
            under=(Held(ANSWERABLE, {"pushed_request": pushed.pk}),),
            changed=(used_up,),
        )
    answered = Changed(transaction, {"completed_at": now, "user": transaction.user_id})
    as_judged = {
        "transaction": transaction.pk,
        "user": transaction.user_id,
        "decision": transaction.decision,
    }
    return Parts(under=(Held(ANSWERABLE_HERE, as_judged),), changed=(used_up, answered))


ANSWERABLE = UpdateLock(
    lambda: PushedRequest.objects.filter(
        PushedRequest.UNUSED.q(), pk=Parameter("pushed_request", models.BigIntegerField())
    ).values_list("pk"),
    of=(PushedRequest,),
)
ANSWERABLE_HERE = UpdateLock(
    lambda: AuthorizationTransaction.objects.filter(
        models.Q(user=None) | models.Q(user=Parameter("user", models.BigIntegerField())),
        AuthorizationTransaction.UNANSWERED.q(),
        PushedRequest.UNUSED.under("pushed_request").q(),
        pk=Parameter("transaction", models.BigIntegerField()),
        decision=Parameter("decision", models.CharField()),
    ).values_list("pk"),
    of=(AuthorizationTransaction, PushedRequest),
)
