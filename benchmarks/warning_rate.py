"""False alarms a year of the early warning, and how long it takes to notice a rise.

Simulated attained sections with an estimated baseline, AR(1) noise; other seeds than those that set the
heights.

Run: python benchmarks/warning_rate.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from wqstudy.grading.ewma import WATCH, ar1, baseline, moving_average, threshold_at, waves

RESULT = Path(__file__).parent / "results" / "warning_rate.csv"
RUNS, YEARS, SMOOTHING = 20_000, 2, 0.3


def trial(
    n_months: int, phi: float, rate: float, rise: float, runs: int = RUNS, seed: int = 1
) -> dict[str, float]:
    """Share of years with an alarm, and months until the first after a rise at the start of the watch."""
    rng = np.random.default_rng([seed, n_months, int(100 * phi)])
    month = np.arange(n_months + YEARS * WATCH)
    values = ar1(rng, phi, (runs, len(month))) + 0.8 * np.sin(2 * np.pi * month / 12)
    values[:, n_months:] += rise
    season, sd, found = baseline(values[:, :n_months], month[:n_months])
    ahead = (values[:, n_months:] - season @ waves(month[n_months:]).T) / sd[:, None]
    alarm = moving_average(ahead, SMOOTHING) > threshold_at(found, n_months, rate)[:, None]
    years = alarm.reshape(runs, YEARS, WATCH).any(axis=2)
    first = np.where(alarm.any(axis=1), alarm.argmax(axis=1) + 1.0, np.inf)
    return {
        "baseline_months": n_months,
        "phi": phi,
        "stated_rate": rate,
        "rise_sd": rise,
        "rate_first_year": round(float(years[:, 0].mean()), 4),
        "rate_second_year": round(float(years[:, 1].mean()), 4),
        "found_in_a_year": round(float(alarm[:, :WATCH].any(axis=1).mean()), 3),
        "median_delay_months": float(np.median(first)),
    }


def main() -> None:
    """Write all cells."""
    rows = [
        trial(n, phi, rate, rise)
        for n in (24, 36, 48, 60)
        for rate in (0.05, 0.1)
        for phi in (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
        for rise in (0.0, 1.0, 2.0)
    ]
    pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")
    print(pd.DataFrame(rows).to_string())


if __name__ == "__main__":
    main()
