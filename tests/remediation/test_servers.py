"""What serves where: one table for everybody who asks."""

import pytest

from remediation.servers import may_serve, partners_in, served_at, usual_port


@pytest.mark.parametrize(("port", "name"), [("5432", "PostgreSQL"), ("9000", ""), ("8080", ""), ("80", ""), ("x", "")])
def test_a_port_is_called_after_what_alone_is_served_there(port, name):
    """Of a port where several things, or anything, may listen nothing is claimed."""
    assert served_at(port) == name


@pytest.mark.parametrize(("port", "name", "may"), [("6379", "valkey/valkey:8", True), ("6379", "orders", False), ("80", "nginx", False)])
def test_what_is_called_so_may_be_whom_a_line_means_by_a_port(port, name, may):
    """A proxy at port 80 is not meant by its image alone: everything listens there."""
    assert may_serve(port, name) is may


@pytest.mark.parametrize(("image", "port"), [("nginx", 80), ("postgresql", 5432), ("acme-api", None)])
def test_an_image_listens_where_its_program_does(image, port):
    """Unless it is told otherwise."""
    assert usual_port(image) == port


def test_a_line_names_its_partners_by_their_words():
    """The general word is said first: `its database`."""
    assert partners_in("FATAL: no connection to the database (Postgres)") == ["database", "postgres"]
    assert partners_in("cannot reach it") == []
