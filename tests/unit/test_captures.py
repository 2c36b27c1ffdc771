"""Capture files: what is read from each kind, and what is wrong with bad ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lightlane.errors import FormatError, ParameterError
from lightlane.files.captures import read_capture

SAMPLES = np.array([1.0, 1.5, 2.0, 1.25, 0.5])


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        "1.0\n1.5\n2.0\n1.25\n0.5\n",
        "time,power\n0,1.0\n1e-12,1.5\n2e-12,2.0\n3e-12,1.25\n4e-12,0.5\n",
        "0;1.0\n1e-12;1.5\n2e-12;2.0\n3e-12;1.25\n4e-12;0.5\n",
        # Keysight FlexDCA's export of one column, and of two.
        "File Format,WaveformPattern\nSymbol Rate (Baud),5.3125E+10\nXInc,1E-12\nChannel Noise,2e-5\nData,\n"
        "1.0\n1.5\n2.0\n1.25\n0.5\n",
        "Model,N1000A\nX Units,Second\nXOrg,0.0\nData\n0.0,1.0\n1.0E-12,1.5\n2.0E-12,2.0\n3.0E-12,1.25\n4.0E-12,0.5\n",
        # Tektronix: header with quotes, then times and volts.
        '"Model","DSA8300"\n"Sample Interval",1e-12\nTIME,CH1\n0,1.0\n1e-12,1.5\n2e-12,2.0\n3e-12,1.25\n4e-12,0.5\n',
    ],
)
def test_text(tmp_path: Path, text: str) -> None:
    found = read_capture(write(tmp_path, "wave.csv", text))
    assert (found.power_w == SAMPLES).all()
    if "1e-12" in text.lower():
        assert found.sample_rate_ghz == pytest.approx(1000.0)
    if "Baud" in text:
        assert found.symbol_rate_gbd == pytest.approx(53.125)
        assert found.instrument_noise_w == pytest.approx(2e-5)


def test_one_of_many_columns(tmp_path: Path) -> None:
    path = write(tmp_path, "wave.csv", "time,CH1,CH2\n0,9,1.0\n1e-12,9,1.5\n2e-12,9,2.0\n")
    found = read_capture(path, name="CH2")
    assert (found.power_w == SAMPLES[:3]).all()
    assert found.sample_rate_ghz == pytest.approx(1000.0)
    with pytest.raises(FormatError, match="CH1"):
        read_capture(path)
    with pytest.raises(FormatError, match="CH3"):
        read_capture(path, name="CH3")


def test_numpy_files(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", SAMPLES)
    assert (read_capture(tmp_path / "a.npy").power_w == SAMPLES).all()
    times = np.arange(5) * 2e-12
    np.save(tmp_path / "b.npy", np.column_stack([times, SAMPLES]))
    assert read_capture(tmp_path / "b.npy").sample_rate_ghz == pytest.approx(500.0)
    np.savez(
        tmp_path / "c.npz",
        waveform_w=SAMPLES,
        symbols=np.array([0, 3, 1]),
        sample_rate_hz=80e9,
        symbol_rate_hz=53.125e9,
    )
    found = read_capture(tmp_path / "c.npz")
    assert found.sample_rate_ghz == pytest.approx(80.0)
    assert found.symbol_rate_gbd == pytest.approx(53.125)
    assert found.pattern is not None
    assert found.pattern.tolist() == [0, 3, 1]
    np.savez(tmp_path / "d.npz", one=SAMPLES, two=SAMPLES)
    assert (read_capture(tmp_path / "d.npz", name="two").power_w == SAMPLES).all()
    with pytest.raises(FormatError, match="one, two"):
        read_capture(tmp_path / "d.npz")


def test_hdf5(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("Waveforms/Channel 1/waveform", data=SAMPLES)
        data.attrs["XInc"] = 1e-12
    found = read_capture(tmp_path / "a.h5")
    assert (found.power_w == SAMPLES).all()
    assert found.sample_rate_ghz == pytest.approx(1000.0)


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("1.0\n1.5\nabc\n", 3, "abc"),
        ("no numbers\nat all\n", 2, "no line of numbers"),
        ("0,1\n1e-12,2\n5e-12,3\n", 0, "off even ones"),
        ("3e-12,1\n2e-12,2\n1e-12,3\n", 0, "times from"),
    ],
)
def test_wrong_text(tmp_path: Path, text: str, line: int, word: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_capture(write(tmp_path, "wave.csv", text))
    assert caught.value.problems[0].line == line
    assert word in str(caught.value)


def test_wrong_files(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"wave\.wfm"):
        read_capture(tmp_path / "wave.wfm")
    with pytest.raises(FormatError, match="no NumPy file"):
        read_capture(write(tmp_path, "a.npy", "text"))
    np.savez(tmp_path / "b.npz", waveform_w=SAMPLES, symbols=np.array([0, 4]))
    with pytest.raises(FormatError, match="levels 0 to 3"):
        read_capture(tmp_path / "b.npz")
    np.save(tmp_path / "c.npy", np.zeros((3, 3, 3)))
    with pytest.raises(FormatError, match="shape"):
        read_capture(tmp_path / "c.npy")
