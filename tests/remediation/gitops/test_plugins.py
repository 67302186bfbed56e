"""Generators that are programs: none is run, what else the kustomization gives is rendered, and the proof says what was left out."""

from tests.remediation.gitops.repositories import unpack
from tests.remediation.gitops.test_tasks import ask, needs


def test_what_ksops_generates_is_left_out_and_told(tmp_path):
    """The other objects are edited; Kustomize's own generators stay."""
    needs("kustomize")
    folder = unpack("programs", tmp_path)
    code, said = ask(folder, "--object", "ConfigMap/shop/plain", "--set", "data.level=debug")
    assert code == 0, said["refused"]
    assert [f"{file['path']}:{file['line']}" for file in said["files"]] == ["app/map.yaml:4"]
    assert "What app/kustomization.yaml generates by programs (secrets.yaml) was not rendered, and not compared." in said["proof"]["not_asked"]


def test_a_secret_that_a_program_makes_is_not_changed(tmp_path):
    """It stands encrypted in the tree."""
    needs("kustomize")
    code, said = ask(unpack("programs", tmp_path), "--object", "Secret/shop/token", "--set", "data.a=eA==")
    assert (code, said["refused"]["kind"]) == (3, "encrypted")
