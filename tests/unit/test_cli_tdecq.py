"""``lightlane tdecq`` from file to answer, and its refusals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lightlane.cli import EXIT_DONE, EXIT_NO, EXIT_WRONG_INPUT, run_command
from lightlane.kernels.patterns import quaternary_prbs

PER_SYMBOL = 8


@pytest.fixture(scope="module")
def power_w() -> NDArray[np.float64]:
    """One period of PRBS11Q behind a slow transmitter, 4 mW between the outer levels."""
    levels = np.repeat(1.5e-3 + 4e-3 / 3.0 * quaternary_prbs(11), PER_SYMBOL)
    hertz = np.fft.rfftfreq(levels.size, 1.0 / PER_SYMBOL)
    return np.fft.irfft(np.fft.rfft(levels) * np.exp(-((hertz / 0.7) ** 2)), levels.size)


@pytest.fixture
def capture(tmp_path: Path, power_w: NDArray[np.float64]) -> Path:
    path = tmp_path / "wave.npz"
    np.savez(path, waveform_w=power_w, symbols=quaternary_prbs(11), sample_rate_ghz=PER_SYMBOL * 53.125)
    return path


def test_answer_for_machines(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["tdecq", str(capture), "--pmd", "400gbase-fr4", "--json"]) == EXIT_DONE
    found = json.loads(capsys.readouterr().out)
    assert 0.0 < found["tdecq_db"] < 3.0
    assert found["levels_from"] == "equalized_means"
    assert len(found["taps"]) == 5
    assert sum(found["taps"]) == pytest.approx(1.0)
    assert found["oma_outer_w"] == pytest.approx(4e-3, rel=0.05)
    assert {row["name"]: row["holds"] for row in found["limits"]}["tdecq_db"] is True


def test_limits_decide_the_exit_code(capture: Path) -> None:
    arguments = ["tdecq", str(capture), "--pmd", "400gbase-fr4", "--check"]
    assert run_command(arguments) == EXIT_DONE
    assert run_command([*arguments, "--bandwidth-ghz", "15"]) == EXIT_NO


def test_plot(capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "eye.svg"
    assert run_command(["tdecq", str(capture), "--symbol-rate-gbd", "53.125", "--plot", str(path)]) == EXIT_DONE
    text = path.read_text("utf-8")
    assert all(title in text for title in ("Behind the equalizer", "Construction", "Levels and thresholds"))
    assert "TDECQ" in capsys.readouterr().out


def test_pattern_from_a_file(tmp_path: Path, power_w: NDArray[np.float64], capsys: pytest.CaptureFixture[str]) -> None:
    np.savetxt(tmp_path / "wave.csv", np.roll(power_w, 1000))
    np.savetxt(tmp_path / "levels.txt", quaternary_prbs(11), fmt="%d")
    arguments = ["tdecq", str(tmp_path / "wave.csv"), "--pmd", "400gbase-fr4", "--samples-per-symbol", str(PER_SYMBOL)]
    assert run_command([*arguments, "--pattern", str(tmp_path / "levels.txt"), "--json"]) == EXIT_DONE
    assert json.loads(capsys.readouterr().out)["pattern_index"] in {2047 - 125, 2047 - 124, 2047 - 126}
    assert run_command([*arguments, "--pattern", "prbs11q"]) == EXIT_DONE


def broken(samples: NDArray[np.float64], kind: str) -> NDArray[np.float64]:
    if kind == "NaN":
        out = samples.copy()
        out[5] = np.nan
        return out
    if kind == "clipped":
        return np.minimum(samples, 5.2e-3)
    return samples[:1000] if kind == "symbols" else samples


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("NaN", []),
        ("clipped", []),
        ("symbols", []),
        ("no pattern lock", ["--pattern", "prbs13q"]),
        ("no pattern lock", ["--samples-per-symbol", "7"]),
        ("samples per symbol", ["--sample-rate-ghz", "60"]),
        ("pattern", ["--pattern", "prbs8q"]),
        ("main_index", ["--main-tap", "7"]),
        ("--pmd", ["--pmd", "400gbase-xr4"]),
        ("--plot", ["--plot", "eye.doc"]),
    ],
)
def test_refusals_name_what_is_wrong(
    tmp_path: Path,
    power_w: NDArray[np.float64],
    capsys: pytest.CaptureFixture[str],
    kind: str,
    more: list[str],
) -> None:
    path = tmp_path / "wave.npz"
    np.savez(path, waveform_w=broken(power_w, kind), symbols=quaternary_prbs(11), sample_rate_ghz=PER_SYMBOL * 53.125)
    pmd = [] if "--pmd" in more else ["--pmd", "400gbase-fr4"]
    assert run_command(["tdecq", str(path), *pmd, *more]) == EXIT_WRONG_INPUT
    assert kind in capsys.readouterr().err


def test_missing_rates_are_asked_for(
    tmp_path: Path, power_w: NDArray[np.float64], capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "wave.npy", power_w)
    assert run_command(["tdecq", str(tmp_path / "wave.npy")]) == EXIT_WRONG_INPUT
    assert "--symbol-rate-gbd" in capsys.readouterr().err
    assert run_command(["tdecq", str(tmp_path / "wave.npy"), "--pmd", "400gbase-fr4"]) == EXIT_WRONG_INPUT
    assert "--sample-rate-ghz" in capsys.readouterr().err
    assert run_command(["tdecq", str(tmp_path / "wave.npy"), "--check"]) == EXIT_WRONG_INPUT
