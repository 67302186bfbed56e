"""Every body of the corpus, at the door: on disk and 202, or refused by the name of the field."""

import json
from urllib.parse import urlencode

from sqlalchemy import func, select

from memory.tables import AlertRow
from tests.shared import corpus

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


def bodies():
    """Name, body and headers of each, and of each again as a form and between Datadog's fences."""
    folder = corpus("alerts", "datadog")
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        body = path.read_bytes()
        yield path.name, body, FORM if path.name.endswith(".form.txt") else JSON
        if path.suffix == ".json":
            yield f"{path.name} as payload", urlencode({"payload": body.decode()}).encode(), FORM
            yield from again(path.name, json.loads(body))


def again(name, value):
    """A flat body in the other ways in which it may travel."""
    if not isinstance(value, dict):
        return
    yield f"{name} as form", urlencode({key: one if isinstance(one, str) else json.dumps(one) for key, one in value.items()}).encode(), FORM
    fenced = {key: f"%%%\n{one}\n%%%" if key in ("body", "message", "text") else one for key, one in value.items()}
    yield f"{name} fenced", json.dumps(fenced).encode(), JSON


async def test_every_body_is_taken_or_refused_by_the_name_of_a_field(stranger, database):
    """As it is, form-encoded, and between `%%%`; what was answered with 202 is in the record."""
    taken, wrong, count = 0, [], 0
    for name, body, headers in bodies():
        answer = await stranger.post("/webhooks/datadog", content=body, headers={"X-Suture-Token": "planted-webhook-token", **headers})
        count += 1
        if answer.status_code == 202:
            taken += answer.json()["alerts"]
        elif answer.status_code != 422 or not answer.json().get("field") or not answer.json().get("error"):
            wrong.append((name, answer.status_code, answer.text))

    assert wrong == []
    assert count > 30
    stored = await database.reader.read(lambda connection: connection.scalar(select(func.count()).select_from(AlertRow)))
    assert 0 < stored <= taken  # a body that says the same in another dress is the same alert
