"""Flags of simulated direct-detect lanes: lit fibers, amplifiers, side modes, and what is refused of them."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from lightlane.cli import main
from lightlane.cli.link import command

LANE = ["400gbase-fr4", "--length-km", "2", "--fidelity", "waveform", "--symbols", "8192", "--json"]
SOA = ["--soa-gain-db", "12", "--soa-noise-figure-db", "7", "--soa-saturation-power-dbm", "10"]


def test_an_amplified_lane_with_a_side_mode_bears_more_loss() -> None:
    margins_db = []
    for flags in ([], [*SOA, "--smsr-db", "30"]):
        done = CliRunner().invoke(command, [*LANE, *flags])
        assert done.exit_code == 0, done.output
        margins_db.append(json.loads(done.stdout)["lanes"][0]["fec_margin_db"])
    assert margins_db[1] > margins_db[0]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--soa-gain-db", "12"], "an amplifier needs --soa-noise-figure-db too"),
        ([*SOA[2:], "--soa-gain-db", "2"], "gain_db is 2; allowed: above 3.01"),
        (["--smsr-db", "5"], "smsr_db is 5; allowed: 10 or above"),
        (["--zero-dispersion-nm", "900"], "zero_dispersion_nm is 900; allowed: 1200 to 1700"),
    ],
)
def test_what_is_refused(flags: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["link", *LANE[:-1], *flags])
    assert ended.value.code == 2
    assert message in " ".join(capsys.readouterr().err.replace("\n", " ").split())
