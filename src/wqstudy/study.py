"""Study: the tables of one evaluation and the questions asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wqstudy import parameters as catalogue
from wqstudy import words
from wqstudy.errors import ArgumentError, SchemaError
from wqstudy.samples import Reading
from wqstudy.schemas import admit, as_text
from wqstudy.shown import facts
from wqstudy.windows import Windows

MAIN_PARAMETERS = ("NH3N", "TP", "CODMn")


class Study:
    """Everything one evaluation rests on, checked at the door.

    Parameters
    ----------
    samples
        `station, time, parameter, value[, censored]` and carried columns; `value` in canonical units.
    stations
        `station`, and where known `district, river, water_body, group, lon, lat` and anything to group by.
        A column ``<name>_en`` or ``<name>_zh`` holds the label of ``<name>`` in that language.
    measures
        `district, measure, start[, end, amount, unit]`: what was done, where and when.
    flow
        `station, time, flow`: daily discharge in m3/s.
    targets
        `station, target_class, due`.
    aliases
        `alias, station`: other names under which a station appears.
    claims
        `claim, kind[, district, parameter, announced, before, after, ...]`: what was announced; see
        `wqstudy.check_claims`.
    windows
        Before and after, as `Windows` or ``{"before": (start, end), "after": (start, end)}``; by default
        from the data and the measures.
    parameters
        Parameters that the study is about; by default ammonia nitrogen, total phosphorus and
        permanganate index, those that are sampled.
    title, source
        For the report's head: what it is and where the data come from.
    language
        ``en`` or ``zh``.
    time_zone
        Times with an offset are turned to this zone's clock; others are taken to be on it.
    simulated
        Whether the data are simulated; every page says so.
    truth
        For a simulated study, the effects that were put in.
    reading
        How the samples were read, where they were read from files.

    Raises
    ------
    SchemaError
        If a table lacks a column or holds a value that cannot be; names table, row and column.
    """

    def __init__(
        self,
        samples: pd.DataFrame,
        stations: pd.DataFrame | None = None,
        measures: pd.DataFrame | None = None,
        flow: pd.DataFrame | None = None,
        targets: pd.DataFrame | None = None,
        *,
        aliases: pd.DataFrame | None = None,
        claims: pd.DataFrame | None = None,
        windows: Windows | Mapping[str, Iterable[Any]] | None = None,
        parameters: Iterable[str] | None = None,
        title: str = "",
        source: str = "",
        language: str = "en",
        time_zone: str = "Asia/Shanghai",
        simulated: bool = False,
        truth: pd.DataFrame | None = None,
        reading: Reading | None = None,
    ) -> None:
        if language not in ("en", "zh"):
            raise ArgumentError(f"{language!r} is not a language here", argument="language", valid="en, zh")
        try:
            pd.Timestamp(0, tz=time_zone)
        except (LookupError, ValueError, TypeError):
            raise ArgumentError(
                f"{time_zone!r} is not a time zone", argument="time_zone", valid="names such as Asia/Shanghai"
            ) from None
        self.title, self.source, self.language, self.time_zone = title, source, language, time_zone
        self.simulated = simulated
        self.windows = Windows.of(**windows) if isinstance(windows, Mapping) else windows
        self.truth = None if truth is None else admit("truth", truth)
        self.reading = reading
        self.aliases = None if aliases is None else admit("aliases", aliases)
        self.samples = admit("samples", self._door(samples))
        self.measures = None if measures is None else admit("measures", self._door(measures))
        self.flow = None if flow is None else admit("flow", self._door(flow))
        self.targets = None if targets is None else admit("targets", self._door(targets))
        self.claims = None if claims is None else admit("claims", self._door(claims))
        if stations is None:
            stations = pd.DataFrame({"station": self.samples["station"].unique()})
        self.stations = admit("stations", stations)
        self._no_strangers()
        self._no_contradictions()
        self._no_namesakes()
        self._no_negatives()
        sampled = set(self.samples["parameter"].unique())
        default = [code for code in MAIN_PARAMETERS if code in sampled] or sorted(sampled)
        self.parameters = default if parameters is None else catalogue.codes(parameters)

    @classmethod
    def from_folder(cls, folder: str | Path) -> Study:
        """The study that a folder with a `study.toml` holds; see `to_folder`."""
        from wqstudy.folder import read_folder  # noqa: PLC0415 - folder builds on Study

        return read_folder(Path(folder))

    def to_folder(self, folder: str | Path) -> Path:
        """Write `study.toml` and one table a noun; nothing that was there is lost on failure."""
        from wqstudy.folder import write_folder  # noqa: PLC0415 - folder builds on Study

        return write_folder(self, Path(folder))

    def _door(self, table: pd.DataFrame) -> pd.DataFrame:
        """Stations under their own name, parameters under their code, times on the study's clock."""
        table = table.copy()
        if self.aliases is not None and "station" in table:
            own = dict(zip(self.aliases["alias"], self.aliases["station"], strict=True))
            names = as_text(table["station"])
            table["station"] = names.map(own).fillna(names)
        if "parameter" in table:
            names = table["parameter"].astype("str")
            known = {name: catalogue.find(name) or name for name in names.dropna().unique()}
            table["parameter"] = names.map(known)
        if "time" in table and isinstance(table["time"].dtype, pd.DatetimeTZDtype):
            table["time"] = table["time"].dt.tz_convert(self.time_zone).dt.tz_localize(None)
        return table

    def _no_strangers(self) -> None:
        known = set(self.stations["station"])
        for name in ("samples", "flow", "targets"):
            table = getattr(self, name)
            strange = [] if table is None else sorted(set(table["station"].unique()) - known)
            if strange:
                raise SchemaError(
                    f"station {strange[0]!r} is not in the stations table ({len(strange)} such stations)",
                    file=name,
                    column="station",
                    mend="add it to stations, or give its other name in aliases (alias, station)",
                )
        if self.measures is None or "district" not in self.stations:
            return
        districts = [str(name) for name in self.stations["district"].dropna().unique()]
        strange = sorted(set(self.measures["district"]) - set(districts))
        if strange:
            raise SchemaError(
                f"district {strange[0]!r} has a measure and no station",
                file="measures",
                column="district",
                valid=", ".join(districts),
                mend="write it as in the stations table, or leave the measure out",
            )

    def _no_contradictions(self) -> None:
        """The stations of a district are of one group, and none is a control where there is a measure."""
        if not {"district", "group"} <= set(self.stations):
            return
        groups = self.stations.groupby("district", sort=False)["group"].agg(set)
        said: dict[str, Any] = {"file": "stations", "column": "group"}
        for district in groups.index[groups.map({"treated", "control"}.issubset)]:
            own = self.stations[self.stations["district"] == district].groupby("group")["station"].first()
            raise SchemaError(
                f"district {district!r} is both treated (station {own['treated']!r}) "
                f"and control (station {own['control']!r})",
                **said,
                mend="write one group for all its stations, or give the controls a district of their own",
            )
        done = pd.DataFrame() if self.measures is None else self.measures.sort_values("start")
        for row in done.to_dict("records"):
            if "control" in groups.get(row["district"], ()):
                raise SchemaError(
                    f"district {row['district']!r} is a control here, and measures has {row['measure']!r} in "
                    f"it from {row['start']:%Y-%m-%d}",
                    **said,
                    mend="write treated in column group of stations, or leave the district out of measures",
                )

    def _no_namesakes(self) -> None:
        """No two districts are written alike in a language: nothing that is said would tell them apart."""
        for column in (f"district_{lang}" for lang in words.LANGUAGES):
            if not {"district", column} <= set(self.stations):
                continue
            named = self.stations.dropna(subset="district")
            names = named.groupby(column)["district"].unique()
            for written, districts in names[names.map(len) > 1].items():
                raise SchemaError(
                    f"districts {districts[0]!r} and {districts[1]!r} are both written {written!r}",
                    file="stations",
                    column=column,
                    mend="give each its own, such as with its city in front",
                )

    def _no_negatives(self) -> None:
        ratios = [p.code for p in catalogue.catalogue().values() if p.ratio]
        below = np.flatnonzero((self.samples["value"] < 0) & self.samples["parameter"].isin(ratios))
        if below.size:
            first = self.samples.iloc[below[0]]
            raise SchemaError(
                f"{first['value']:g} of {first['parameter']} is negative ({below.size} such values)",
                file="samples",
                row=int(below[0]) + 2,
                column="value",
                valid="zero or more",
                mend="correct it, or leave the row out",
            )

    def unit_of(self, by: str) -> pd.Series:
        """The unit that each station belongs to.

        Parameters
        ----------
        by
            ``"station"`` or any column of `stations`.

        Returns
        -------
        Series
            Unit as text, indexed by station; missing where the stations table has none.

        Raises
        ------
        ArgumentError
            If there is no such column, or it is blank for every station.
        """
        if by == "station":
            return pd.Series(self.stations["station"].array, index=self.stations["station"], name=by)
        if by not in self.stations or self.stations[by].isna().all():
            filled = [str(c) for c in self.stations if self.stations[c].notna().any()]
            raise ArgumentError(
                f"the stations table has no column {by!r}"
                if by not in self.stations
                else f"column {by!r} of the stations table is blank",
                argument="by",
                valid=", ".join(filled),
                mend=None if by in filled else f"fill a column {by!r} in the stations table",
            )
        return self.stations.set_index("station")[by].astype("str")

    def labels(self, by: str, lang: str) -> dict[str, str]:
        """How each unit is written in a language: itself, unless stations has a column ``<by>_<lang>``."""
        units = self.unit_of(by).dropna()
        written = f"{by}_{lang}"
        named = dict(zip(units, units, strict=True))
        if written in self.stations:
            other = self.stations.set_index("station")[written].reindex(units.index)
            named |= {unit: name for unit, name in zip(units, other, strict=True) if isinstance(name, str)}
        return named

    def starts(self) -> dict[str, pd.Timestamp]:
        """When treatment began, by district: the first start among its measures."""
        if self.measures is None or "district" not in self.stations:
            return {}
        first = self.measures.groupby("district")["start"].min()
        return {str(district): start for district, start in first.items()}

    def own_starts(self, by: str) -> dict[str, pd.Timestamp | None]:
        """When treatment began in each unit: the start of the one district it lies in, else None."""
        starts = self.starts()
        unit_of = self.unit_of(by)
        district_of = self.stations.set_index("station").get("district", pd.Series(dtype="str"))
        own: dict[str, pd.Timestamp | None] = {}
        for unit, members in unit_of.groupby(unit_of, sort=False).groups.items():
            found = {starts.get(district) for district in district_of.reindex(members).fillna("")}
            own[str(unit)] = found.pop() if len(found) == 1 else None
        return own

    def untreated(self, by: str) -> list[str]:
        """Units without treatment: all their stations controls, or where no group is given, no measure."""
        own = self.own_starts(by)
        if "group" in self.stations and self.stations["group"].notna().any():
            unit = self.unit_of(by)
            control = (self.stations.set_index("station")["group"] == "control").reindex(unit.index)
            every = control.groupby(unit, sort=False).all()
            return [str(name) for name in every.index[every]]
        return [unit for unit, start in own.items() if start is None] if self.starts() else []

    def pooled_windows(self) -> Windows:
        """The windows of units without a start of their own.

        Those given with the study; else before the first start of any district and after the last one, of
        the starts that lie within the time sampled.

        Raises
        ------
        ArgumentError
            If the study has neither windows nor measures, or no samples.
        """
        if self.windows is not None:
            return self.windows
        if self.samples.empty:
            raise ArgumentError("the study has no samples", argument="samples")
        times = self.samples["time"]
        first, end = times.min().to_period("M").start_time, times.max().to_period("M").end_time.ceil("D")
        starts = [start for start in self.starts().values() if first < start < end]
        if not starts:
            raise ArgumentError(
                "the study says neither its windows nor when measures began within the time sampled",
                argument="before, after",
                mend="give before and after as (start, end), or a measures table with district and start",
            )
        return Windows.of((first, min(starts)), (max(starts), end))

    def windows_of(self, by: str) -> dict[str, Windows]:
        """Before and after of every unit: a treated district's own start, for others the pooled windows."""
        pooled = self.pooled_windows()
        windows = {}
        for unit, start in self.own_starts(by).items():
            windows[unit] = pooled
            if start is not None and pooled.before[0] < start < pooled.after[1]:
                windows[unit] = Windows((pooled.before[0], start), (start, pooled.after[1]))
        return windows

    def __repr__(self) -> str:
        months = self.samples["time"]
        span = f"{months.min():%Y-%m} to {months.max():%Y-%m}" if len(months) else "no samples"
        kind = "simulated study" if self.simulated else "study"
        return (
            f"<{kind} {self.title!r}: {len(self.samples):,} samples, {len(self.stations)} stations, "
            f"{span}, {', '.join(self.parameters)}>"
        )

    def _repr_html_(self) -> str:
        lang = self.language

        def say(key: str, **fill: Any) -> str:
            return words.text(f"shown.{key}", lang, **fill)

        times, told = self.samples["time"], {"source": self.source}
        if len(times):
            share = words.percent(100 * (self.samples["censored"] == "left").mean())
            told["samples"] = say("n_samples", n=f"{len(times):,}", share=share)
            told["time"] = say("span", start=f"{times.min():%Y-%m-%d}", end=f"{times.max():%Y-%m-%d}")
        told["parameters"] = words.text("answer.comma", lang).join(
            words.parameter_name(code, lang) for code in self.parameters
        )
        if self.measures is not None and len(self.measures):
            told["measures"] = say(
                "n_measures",
                n=len(self.measures),
                districts=self.measures["district"].nunique(),
                start=f"{self.measures['start'].min():%Y-%m}",
            )
        for name, table in (("flow", self.flow), ("targets", self.targets)):
            if table is not None and len(table):
                told[name] = say("n_stations", n=table["station"].nunique())
        kind = words.text("plot.simulated", lang) if self.simulated else say("study")
        rows = {say(name): fact for name, fact in told.items()}
        rows[words.heading("stations", lang)] = str(len(self.stations))
        return facts(f"{kind}: {self.title}", rows)
