"""What an alert is called, in whichever envelope it comes."""

import json
from datetime import UTC, datetime

import pytest

from remediation.reading.symptoms import symptom_of

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALERT = {"labels": {"alertname": "BreadLate", "namespace": "farm"}, "annotations": {"summary": "No bread"}}


@pytest.mark.parametrize(
    "document",
    [
        ALERT,
        {"commonLabels": {"alertname": "BreadLate"}, "alerts": [ALERT]},
        {"status": "success", "data": {"alerts": [ALERT]}},
        {"event": {"data": {"title": "BreadLate"}}},
        {"title": "BreadLate", "alerts": [{"labels": {"alertname": "Other"}}]},
    ],
)
def test_an_alert_is_called_as_it_calls_itself(document):
    """By itself, its labels, or the first alert in it: Alertmanager, Prometheus, PagerDuty."""
    assert symptom_of([json.dumps(document)], "", NOW).title == "BreadLate"


def test_what_calls_itself_nothing_has_no_title():
    """Its words count nevertheless."""
    symptom = symptom_of([json.dumps({"alerts": [{"annotations": {"description": "No bread"}}]})], "", NOW)

    assert (symptom.title, symptom.text) == ("", "No bread")
