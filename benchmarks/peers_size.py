"""How often trend tests reject a true null when noise remembers its past: ours, and the usual repairs.

Hamed and Rao, Yue and Wang, pre-whitening and trend-free pre-whitening are those of pymannkendall (optional
dependency group `peers`); this package does not offer them. Noise is monthly AR(1); nominal 5 %.

Run: python benchmarks/peers_size.py
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import signal

from wqstudy import stats

RESULT = Path(__file__).parent / "results" / "peers_size.csv"
RUNS = 1000
SEED = 4
MONTHS = (60, 120, 240)
PHI = (0.0, 0.3, 0.6, 0.8)


def noise(rng: np.random.Generator, phi: float, months: int) -> np.ndarray:
    """Stationary AR(1) series of unit variance, one a row."""
    shocks = rng.standard_normal((RUNS, months))
    shocks[:, 1:] *= np.sqrt(1 - phi**2)
    return signal.lfilter([1.0], [1.0, -phi], shocks, axis=1)


def seasonal(row: np.ndarray, *, covariance: bool) -> float:
    """p of the seasonal Kendall test of monthly values."""
    month = np.arange(row.size)
    return stats.seasonal_kendall(row, month // 12, month % 12, covariance).p_value


def tests() -> dict[str, Callable[[np.ndarray], float]]:
    """p of one series by every test that is at hand."""
    ours: dict[str, Callable[[np.ndarray], float]] = {
        "Mann-Kendall": lambda row: stats.mann_kendall(row).p_value,
        "seasonal Kendall": lambda row: seasonal(row, covariance=False),
        "seasonal Kendall with covariance": lambda row: seasonal(row, covariance=True),
    }
    if importlib.util.find_spec("pymannkendall") is None:
        print("pymannkendall is not installed (optional dependency group peers): its tests are left out")
        return ours
    import pymannkendall as peer

    return ours | {
        "Hamed-Rao": lambda row: peer.hamed_rao_modification_test(row).p,
        "Yue-Wang": lambda row: peer.yue_wang_modification_test(row).p,
        "pre-whitening": lambda row: peer.pre_whitening_modification_test(row).p,
        "trend-free pre-whitening": lambda row: peer.trend_free_pre_whitening_modification_test(row).p,
    }


def main() -> None:
    """Count rejections in every cell and write the shares."""
    rows = []
    for months in MONTHS:
        for phi in PHI:
            series = noise(np.random.default_rng([SEED, months, int(100 * phi)]), phi, months)
            for name, p_value in tests().items():
                # pymannkendall takes roots of negative variances where its repair breaks down.
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", RuntimeWarning)
                    p = np.array([p_value(row) for row in series])
                rows.append(
                    {
                        "test": name,
                        "months": months,
                        "phi": phi,
                        "rejected": round(float(np.mean(p <= 0.05)), 4),
                        "no_p": int(np.count_nonzero(np.isnan(p))),
                        "runs": RUNS,
                    }
                )
                print(rows[-1], flush=True)
    pd.DataFrame(rows).to_csv(RESULT, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
