"""When production may be changed."""

from remediation.policy.hearing import Hearing
from remediation.policy.setting import DAYS
from remediation.terms import Ruling


def change_window(hearing: Hearing) -> Ruling:
    """Changes to production only while people are at their desks (hours and days in local time). A revert may go at any time."""
    window, now = hearing.setting.policy.change_window, hearing.setting.now
    if window is None:
        return Ruling(rule="change_window", passed=True, reason="none is configured")
    if not hearing.incident.standing.production or hearing.reverts:
        return Ruling(rule="change_window", passed=True, reason="only fixes to production wait for it")
    passed = now.hour in range(window.from_hour, window.until_hour) and DAYS[now.weekday()] in window.days
    open_when = f"{window.from_hour}:00 to {window.until_hour}:00 on {', '.join(window.days)}"
    return Ruling(rule="change_window", passed=passed, reason=f"{DAYS[now.weekday()]} {now:%H:%M}, window is {open_when}")
