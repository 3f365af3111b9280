"""What a process loads for good is out of the garbage collector's way; what it uses up is not."""

import gc
import weakref

import pytest

from authserver.loading import loading


class Ring:
    """Garbage that only the collector finds."""

    def __init__(self):
        self.itself = self


def test_what_is_loaded_stays_and_what_comes_later_is_collected():
    before = gc.get_freeze_count()

    with loading():
        assert not gc.isenabled()
        loaded = [Ring() for _ in range(10)]
    kept = weakref.ref(loaded[0])
    later = weakref.ref(Ring())
    del loaded
    gc.collect()

    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + 10
    assert kept() is not None
    assert later() is None


def test_a_fault_while_loading_leaves_the_collector_at_work():
    with pytest.raises(LookupError), loading():
        raise LookupError

    assert gc.isenabled()
