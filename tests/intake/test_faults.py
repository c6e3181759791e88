"""What is logged of a fault: its kind and its places in our code, never what it says."""

from __future__ import annotations

import logging

import pytest
from gunicorn.config import Config

from intake import faults
from intake.web import DiscreetLogger

SAID = "what a reporter wrote"


def fail():
    raise LookupError(SAID)


@pytest.fixture
def web_log(caplog):
    """gunicorn's log as a face has it, heard by the test."""
    logger = DiscreetLogger(Config())
    logger.error_log.addHandler(caplog.handler)
    logger.error_log.setLevel(logging.ERROR)
    yield logger
    logger.error_log.removeHandler(caplog.handler)


def test_a_fault_is_told_by_kind_and_places_the_innermost_first():
    with pytest.raises(LookupError) as caught:
        fail()
    assert faults.kind(caught.value) == "LookupError"
    assert faults.places(caught.value).startswith(f"fail ({__file__}:")
    assert SAID not in faults.places(caught.value)


def test_the_web_server_logs_no_message_no_address_and_no_cause(web_log, caplog):
    try:
        try:
            fail()
        except LookupError as cause:
            raise ValueError(f"again {SAID}") from cause
    except ValueError:
        web_log.exception("Error handling request %s of %s", "/report?x=1", "192.0.2.7")
    assert "a request could not be handled: ValueError in test_the_web_server_logs" in caplog.text
    for hidden in (SAID, "/report", "192.0.2.7", "Traceback"):
        assert hidden not in caplog.text
    assert all(record.exc_info is None for record in caplog.records)


def test_without_a_fault_there_is_only_the_line(web_log, caplog):
    web_log.exception("anything")
    assert [record.getMessage() for record in caplog.records] == ["a request could not be handled"]
