"""`wqstudy plan`: a table, a sentence, one line when the input is bad."""

import pandas as pd
import pytest

from wqstudy import Study


def test_a_table_and_a_sentence(run, tmp_path):
    out = tmp_path / "plan.csv"
    asked = ["plan", "demo", "--parameter", "TP", "--months", "24,48", "--controls", "0", "--lang", "zh"]
    code, said, _ = run(*asked, "--out", out)
    assert code == 0
    assert "降幅" in said[-2]
    assert pd.read_csv(out)["side_months"].tolist() == [24, 48] * 3


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--sections", "two"], "--sections"),
        (["--months", "3"], "months"),
        (["--reduction", "30"], "reduction"),
        (["--parameter", "nonsense"], "nonsense"),
        (["--every", "0"], "every"),
    ],
)
def test_bad_input_is_one_line(run, given, named):
    code, _, complaint = run("plan", "demo", "--controls", "0", *given)
    assert code != 0
    assert len(complaint) == 1
    assert complaint[0].startswith("error:")
    assert named in complaint[0]


def test_districts_that_were_not_seen_are_named(run, demo, tmp_path):
    dark = demo.samples["station"].str.startswith("甲")
    samples = demo.samples.assign(censored=demo.samples["censored"].mask(dark, "left"))
    Study(samples, demo.stations, demo.measures).to_folder(tmp_path / "dark")
    code, said, _ = run("plan", tmp_path / "dark", "--months", "24", "--controls", "0")
    assert code == 0
    assert (
        said[-1]
        == "Mostly below the limit or always the same, so that they tell nothing of how it varies: Jia."
    )
