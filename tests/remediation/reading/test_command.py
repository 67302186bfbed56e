"""Commands as terminals show them: behind prompts of every shell, and through what wraps kubectl."""

import pytest

from remediation.reading.command import command_in


@pytest.mark.parametrize(
    "line",
    [
        "kubectl logs tide-0 -n bay",
        ">kubectl logs tide-0 -n bay",
        " └─ $ ▶ kubectl logs tide-0 -n bay",
        "`laptop ➜  charts git:(main) kubectl logs tide-0 -n bay`",
        "➜  charts git:(main) ✗ kubectl -n bay logs tide-0",
        "PS C:\\Users\\ann> kubectl logs tide-0 -nbay",
        "λ kubectl logs tide-0 --namespace=bay",
        "root@m1:~# k3s kubectl logs tide-0 -n bay",
        "$ microk8s.kubectl logs tide-0 -n bay",
        "$ sudo -E kubectl logs tide-0 -n bay",
        "$ KUBECONFIG=admin.conf kubectl logs tide-0 -n bay",
        "$ watch -n 5 kubectl logs tide-0 -n bay",
    ],
)
def test_a_call_is_read_behind_every_prompt(line: str) -> None:
    """Else the log under it has no pod, and what it tells is of nobody."""
    command = command_in(line)
    assert command is not None
    assert (command.verb, command.name, command.namespace) == ("logs", "tide-0", "bay")


@pytest.mark.parametrize(
    "line", ["I ran kubectl get pods and saw nothing", "foo $ bar kubectl get pods", 'msg="x>kubectl apply"', "- kubectl logs web"]
)
def test_a_sentence_that_speaks_of_kubectl_is_no_call(line: str) -> None:
    """What stands under it is not its answer."""
    assert command_in(line) is None


def test_the_second_name_of_logs_is_the_container() -> None:
    """As older kubectl had it: `kubectl logs POD CONTAINER`."""
    command = command_in("$ kubectl logs tide-0 exporter -n bay")
    assert command is not None
    assert command.container == "exporter"


@pytest.mark.parametrize(
    ("line", "name", "namespace", "container"),
    [
        ("# docker logs k8s_app_tide-0_bay_0c2a7b8e-1f3d-4a5b-8c9d-1234567890ab_3", "tide-0", "bay", "app"),
        ("$ docker compose logs --tail=50 tide", "tide", "", ""),
        ("docker logs -f tide-1", "tide-1", "", ""),
        ("root@m1:~# crictl logs 3f2a1b9c8d7e6", "", "", ""),
        ("$ stern -n bay tide", "", "bay", ""),
        ("kubetail tide -n bay", "", "bay", ""),
    ],
)
def test_other_tools_print_logs_too(line: str, name: str, namespace: str, container: str) -> None:
    """A runtime's name for a container of a pod holds the pod's; a runtime's number says nothing."""
    command = command_in(line)
    assert command is not None
    assert (command.verb, command.name, command.namespace, command.container) == ("logs", name, namespace, container)


@pytest.mark.parametrize("line", ["docker logs show nothing at all", "stern words were spoken", "a docker logs", "$ docker ps"])
def test_a_sentence_that_speaks_of_such_tools_is_no_call(line: str) -> None:
    """Nor is another call of theirs."""
    assert command_in(line) is None


def test_logs_of_a_selector_are_of_what_it_calls_the_application() -> None:
    """As pods are labelled."""
    command = command_in("$ kubectl logs -l app.kubernetes.io/name=tide,tier=web -n bay --tail=-1")
    assert command is not None
    assert (command.name, command.selected) == ("", "tide")
