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
