"""What is the application's own fault, as far as its words tell: requests that it fails, exceptions that nobody caught."""

from collections.abc import Mapping, Sequence

APPLICATION: Mapping[str, Sequence[str]] = {
    "requests_failing": (
        r"(?<!\w)(?:path|uri|route|endpoint)=(?P<path>/[^\s:,]{0,300})[^\n]{0,200}\bstatus(?:_?code)?=5\d\d\b",
        r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD) (?P<path>/[^\s\"?]{0,300})\S{0,300}(?: HTTP/[\d.]{1,4})?\"? \(?5\d\d\b",
    ),
    "application_bug": (
        r"Traceback|panic: |panicked at|[A-Za-z.]+(?:Exception: |Error: )|Segmentation fault|SIGSEGV|segfault|NullPointerException|SIGABRT",
        r"nil pointer dereference|Unhandled(?:Promise)?Rejection|Uncaught|stack overflow|StackOverflowError|[Aa]ssertion failed",
        r"core dumped",
        r"deadlock detected|Java-level deadlock|all goroutines are asleep",
        r"[Uu]nhandled exception|fatal error:|CUDA out of memory|\(Exit status: \d+\)|NoMethodError|undefined method",
    ),
}
