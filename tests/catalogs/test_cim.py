"""The CIM catalog: datasets, what they inherit, how searches name them."""

from __future__ import annotations

import pytest

from undersign.catalogs import cim


def test_every_dataset_has_a_time_and_known_parents() -> None:
    known = cim.datasets()
    assert len(known) > 50
    for name, dataset in known.items():
        assert dataset.name == name
        assert dataset.fields["_time"] == "timestamp"
        if dataset.parent:
            parent = known[dataset.parent]
            assert parent.fields.items() <= dataset.fields.items()
            assert dataset.where.keys() <= dataset.fields.keys()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Endpoint.Processes", "Endpoint.Processes"),
        ("endpoint.processes", "Endpoint.Processes"),
        ("Web", "Web.Web"),
        ("Change.All_Changes.Instance_Changes", "Change.Instance_Changes"),
        ("Authentication.Failed_Authentication", "Authentication.Failed_Authentication"),
    ],
)
def test_a_dataset_is_found_by_the_names_that_searches_use(written: str, meant: str) -> None:
    found = cim.find(written)
    assert found is not None
    assert found.name == meant


@pytest.mark.parametrize("written", ["Endpoint", "No_Such", "Endpoint.Nothing", ""])
def test_what_is_no_dataset_is_none(written: str) -> None:
    assert cim.find(written) is None


def test_assets_add_fields() -> None:
    fields = cim.datasets()["Network_Traffic.All_Traffic"].fields
    assert fields["dest_port"] == "long"
    assert fields["dest_category"] == "string"
