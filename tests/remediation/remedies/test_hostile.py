"""Evidence that anybody may have written ends no reasoning: a source draws a value, none, or refuses."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediation.drawing import SOURCES, Basis
from remediation.drawing.parameters import drawn
from remediation.errors import Refused
from remediation.observed import Observed
from remediation.terms import Finding
from tests.remediation.remedies.offering import CATALOGUE, evidence, thing, workload

JUNK = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=6), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
    st.sampled_from(["name", "env", "ports", "selector", "template", "spec", "containers", "hard", "resources"]), inner, max_size=3), max_leaves=8)  # fmt: skip


@pytest.mark.parametrize("remedy", sorted(remedy.name for remedy in CATALOGUE))
@settings(deadline=None)  # a busy machine is no fault of a source
@given(spec=st.dictionaries(st.sampled_from(["selector", "ports", "hard", "scaleTargetRef", "resources", "template"]), JUNK, max_size=4))
def test_a_spec_of_any_shape_gives_parameters_or_a_reason(remedy, spec):
    """Whatever stands where the API has a map, a list or an amount."""
    facts = {"cause": "target_port", "limited": "cpu=x", "used": "cpu=1", "requested": "cpu=", "workload": "Deployment/api", "resource": "cpu", "container": "api"}
    found = Finding(finding_id="F1", kind="k", subject="Service/shop/api", text="t", cites=("E1",), facts=facts)
    live = thing("Service", "api", spec)
    with suppress(Refused):
        drawn(CATALOGUE[remedy], Basis(finding=found, live=live, observed=Observed(evidence(live, workload()))))


def test_every_source_is_named_by_a_remedy():
    """Nothing stands in the list that nothing asks for."""
    assert {p.x_source for remedy in CATALOGUE for p in remedy.parameters.properties.values()} - {None} == set(SOURCES)
