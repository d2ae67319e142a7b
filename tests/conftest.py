"""Studies that more than one test file needs."""

import sys
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from wqstudy import Study, datasets, simulate
from wqstudy.cli import main


@pytest.fixture(scope="session")
def demo() -> Study:
    return datasets.load("demo")


@pytest.fixture(scope="session")
def small() -> Study:
    """A quick study: a treated district, one whose treatment does nothing, a control; one parameter."""
    study = simulate.study(7, ["甲", "乙", "戊"], stations=3, months=60)
    study.parameters = ["TP"]
    return study


@pytest.fixture(scope="session")
def hostile() -> Study:
    """A study whose names mean harm to pages, spreadsheets and figures; a district a name."""
    names = [
        "<script>window.harm = 1</script>",
        "<img src=x onerror='window.harm = 1'>",
        "=cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "'=1+1",
        "long" * 60,
        "محطة \u202eالنهر",
        "🧪 站",
        "two\nlines",
        "a \"quoted\" 'name' & </td></table>",
        "$x^{2$ {{ 7 * 7 }} {shown} %s",
    ]
    rng = np.random.default_rng(5)
    calendar = pd.date_range("2018-01-10", periods=48, freq="MS")
    samples = pd.DataFrame(
        [
            (name, day, code, float(np.exp(rng.normal(-1, 0.3))))
            for name in names
            for day in calendar
            for code in ("TP", "NH3N")
        ],
        columns=["station", "time", "parameter", "value"],
    )
    stations = pd.DataFrame({"station": names, "district": names, "river": names[::-1]})
    stations["group"] = ["control" if place % 2 else "treated" for place in range(len(names))]
    measures = pd.DataFrame({"district": names[::2], "measure": names[::2], "start": "2020-01-01"})
    targets = pd.DataFrame({"station": names, "target_class": 3, "due": "2018-12-31"})
    told = {"title": names[0], "source": names[1]}
    return Study(samples, stations, measures, targets=targets, simulated=True, **told)


@pytest.fixture
def make_study() -> Callable[..., Study]:
    """A study in which every value is what the test says it is."""

    def make(
        districts: Mapping[str, str | None],
        log: Callable[[str, int], float],
        *,
        months: int = 72,
        start: str = "2016-01-01",
        day: int = 10,
        code: str = "TP",
        seen: Callable[[str, int], bool] = lambda _station, _month: True,
        starts: Mapping[str, str] | None = None,
        **rest: object,
    ) -> Study:
        """Station by district; log value of a station in a month counted from 0; whether it is sampled."""
        calendar = pd.date_range(start, periods=months, freq="MS") + pd.Timedelta(days=day - 1)
        rows = [
            (station, calendar[month], code, float(np.exp(log(station, month))))
            for station in districts
            for month in range(months)
            if seen(station, month)
        ]
        samples = pd.DataFrame(rows, columns=["station", "time", "parameter", "value"])
        stations = pd.DataFrame({"station": list(districts), "district": list(districts.values())})
        measures = None
        if starts:
            measures = pd.DataFrame(
                {"district": list(starts), "measure": "dredging", "start": list(starts.values())}
            )
        return Study(samples, stations, measures, **rest)

    return make


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command in this process: exit code, lines on stdout and on stderr."""
    monkeypatch.delenv("WQSTUDY_DEBUG", raising=False)

    def call(*words_):
        monkeypatch.setattr(sys, "argv", ["wqstudy", *map(str, words_)])
        with pytest.raises(SystemExit) as caught:
            main()
        said = capsys.readouterr()
        return caught.value.code or 0, said.out.splitlines(), said.err.splitlines()

    return call


@pytest.fixture
def fails(run):
    """Run a command that must fail: the one line that it says."""

    def call(*words_):
        code, _, err = run(*words_)
        assert code == 1
        assert len(err) == 1, err
        assert err[0].startswith("error: ")
        assert "Traceback" not in err[0]
        assert "fault of wqstudy" not in err[0]
        return err[0]

    return call
