"""What was asked a moment ago: its answer stands for a while, then it is asked anew."""

import time
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Lately(Generic[Question, Answer]):
    """The newest answer to each question. seconds: how long one stands; what is older is forgotten at the next look."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._heard: dict[Question, tuple[float, Answer]] = {}  # the oldest first

    def get(self, question: Question) -> Answer | None:
        """None where nobody asked it lately."""
        self._forget()
        return self._heard[question][1] if question in self._heard else None

    def take(self, question: Question) -> Answer | None:
        """As `get`, for once: whoever asks next asks anew."""
        answer = self.get(question)
        self._heard.pop(question, None)
        return answer

    def put(self, question: Question, answer: Answer) -> Answer:
        """Heard now; gives it back."""
        self._forget()
        self._heard.pop(question, None)
        self._heard[question] = time.monotonic(), answer
        return answer

    def _forget(self) -> None:
        before = time.monotonic() - self._seconds
        for question in [each for each, (at, _) in self._heard.items() if at <= before]:
            del self._heard[question]
