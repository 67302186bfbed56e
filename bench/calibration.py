"""Writes remediation/calibration.yaml anew from the first answers in tests/first_sight.yaml, and prints its rows as the docs have them."""

from pathlib import Path

import yaml

from remediation.calibration import measured
from remediation.terms import Json

ROOT = Path(__file__).resolve().parents[1]
FIRST_SIGHT, TABLE = Path("tests/first_sight.yaml"), Path("remediation/calibration.yaml")


def at_first_sight() -> list[tuple[float, bool]]:
    """The weight of each first answer, and whether the kind of fix was right."""
    sets: list[dict[str, Json]] = yaml.safe_load((ROOT / FIRST_SIGHT).read_text(encoding="utf-8"))
    counted = [(weight, cases, right) for one in sets for weight, (cases, right) in one["by_weight"].items()]
    return [(weight, number < right) for weight, cases, right in counted for number in range(cases)]


def main() -> None:
    table = measured(at_first_sight(), FIRST_SIGHT.as_posix())
    written = yaml.safe_dump(table, sort_keys=False, default_flow_style=None, width=140)
    (ROOT / TABLE).write_text(f"# Written by: make calibrate\n{written}", encoding="utf-8")
    for row in table["rows"]:
        print(f"| {row['at_most']:g} | {row['cases']} | {row['right']} | {row['confidence']:.2f} |")


if __name__ == "__main__":
    main()
