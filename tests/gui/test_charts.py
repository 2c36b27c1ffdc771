"""Charts: what they draw, read off, measure and export, used as a person does."""

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage

from lightlane_gui.charts import Axis, Chart
from lightlane_gui.charts.decimate import POINTS_MAX, decimate
from lightlane_gui.charts.number_text import format_number, format_power_of_ten, format_quantity
from lightlane_gui.charts.palettes import NAMES, palette, shade_density
from lightlane_gui.session.session import Session
from lightlane_gui.theme import DARK, LIGHT


@pytest.fixture
def chart(qtbot):
    chart = Chart(Session(), "Level", "distance_km", "level_dbm")
    qtbot.addWidget(chart)
    chart.resize(600, 400)
    chart.set_curve("there", np.array([0.0, 50.0, 100.0]), np.array([0.0, -10.0, -20.0]), "a to b")
    chart.set_curve("back", np.array([0.0, 50.0, 100.0]), np.array([1.0, -9.0, -29.0]), "b to a", color="trace:1")
    with qtbot.waitExposed(chart):
        chart.show()
    return chart


def place_of(chart, x, y):
    """Return where a value of the chart lies on its viewport."""
    return chart.plot.mapFromScene(chart.view.mapViewToScene(QPointF(x, y)))


def test_the_crosshair_reads_between_points(chart, qtbot):
    where = place_of(chart, 25.0, -5.0)
    qtbot.mouseMove(chart.plot.viewport(), where)
    qtbot.waitUntil(lambda: chart.crosshair.x is not None)
    x = chart.crosshair.x
    text = chart.read_out.text()
    assert f"{x:.2f} km" in text.replace("\N{NO-BREAK SPACE}", " ")
    assert format_quantity("level_dbm", -0.2 * x) in text
    assert format_quantity("level_dbm", 1.0 - 0.2 * x) in text


def test_two_markers_measure_a_difference(chart, qtbot):
    for x in (20.0, 60.0):
        qtbot.mouseClick(
            chart.plot.viewport(),
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.ShiftModifier,
            place_of(chart, x, -5.0),
        )
    first, second = chart.crosshair.marks
    assert first == pytest.approx(20.0, abs=0.5)
    assert second == pytest.approx(60.0, abs=0.5)
    assert format_quantity("level_dbm", -0.2 * (second - first)) in chart.read_out.text()
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Escape)
    assert chart.crosshair.marks == [None, None]


def test_a_click_tells_its_place_and_zoom_ends_at_fit(chart, qtbot):
    with qtbot.waitSignal(chart.clicked) as told:
        qtbot.mouseClick(chart.plot.viewport(), Qt.MouseButton.LeftButton, pos=place_of(chart, 40.0, -8.0))
    assert told.args == pytest.approx([40.0, -8.0], abs=0.5)
    before = chart.view.viewRange()
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Plus)
    assert np.diff(chart.view.viewRange()[0])[0] < np.diff(before[0])[0]
    chart.set_curve("there", np.array([0.0, 500.0]), np.array([0.0, -100.0]), "a to b")
    assert chart.view.viewRange()[0][1] < 200.0  # new data do not take the view away from the user
    qtbot.keyClick(chart, Qt.Key.Key_F)
    assert chart.view.viewRange()[0][1] > 500.0


def test_the_legend_hides_a_curve(chart):
    chart.legend.linkActivated.emit("back")
    assert [item.key for item in chart.series] == ["there"]
    assert "b to a" not in chart.crosshair.read(chart.series)
    chart.legend.linkActivated.emit("back")
    assert [item.key for item in chart.series] == ["there", "back"]


def test_exports_hold_the_data(chart, tmp_path):
    for ending in ("csv", "svg", "png"):
        chart.menu.export(tmp_path / f"level.{ending}")
    rows = list(csv.reader((tmp_path / "level.csv").read_text().splitlines()))
    assert rows[0] == ["distance_km", "there_level_dbm", "back_level_dbm"]
    assert [float(cell) for cell in rows[3]] == [100.0, -20.0, -29.0]
    assert "<svg" in (tmp_path / "level.svg").read_text()
    assert QImage(str(tmp_path / "level.png")).width() == 2 * chart.width()
    chart.set_curve("other", np.array([5.0]), np.array([np.nan]))
    chart.menu.export(tmp_path / "long.csv")
    rows = list(csv.reader((tmp_path / "long.csv").read_text().splitlines()))
    assert rows[0] == ["series", "distance_km", "level_dbm"]
    assert rows[-1] == ["other", "5.0", ""]


def test_an_unknown_ending_and_a_missing_folder_are_refused(chart, tmp_path):
    said = []
    chart.session.noticed.connect(lambda level, text: said.append((level, text)))
    chart.menu.export(tmp_path / "level.pdf")
    chart.menu.export(tmp_path / "nowhere" / "level.csv")
    chart.menu.export(tmp_path / "nowhere" / "level.png")
    assert [level for level, _ in said] == ["error"] * 3
    assert ".png, .svg, .csv" in said[0][1]


def test_copy_takes_the_table_where_nothing_is_read(chart, qtbot):
    chart.crosshair.move(None)
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().startswith("distance_km,")


def test_an_image_stands_with_its_first_row_at_the_bottom_and_follows_the_theme(qtbot):
    session = Session(DARK)
    chart = Chart(session, "Density", "time_ui", "oma_outer_dbm", empty_text="nothing yet")
    qtbot.addWidget(chart)
    chart.resize(400, 300)
    with qtbot.waitExposed(chart):
        chart.show()
    assert chart.stack.currentWidget() is chart.empty
    chart.set_image("d", np.array([[0xFFFF0000], [0xFF0000FF]], dtype=np.uint32), (0.0, 1.0, 0.0, 1.0))
    assert chart.stack.currentWidget() is chart.plot
    shot = chart.plot.grab().toImage()
    low, high = place_of(chart, 0.5, 0.1), place_of(chart, 0.5, 0.9)
    assert shot.pixelColor(low).red() > 200 > shot.pixelColor(low).blue()
    assert shot.pixelColor(high).blue() > 200 > shot.pixelColor(high).red()
    session.set_theme(LIGHT)
    assert chart.plot.grab().toImage().pixelColor(QPoint(2, 2)) == QColor(LIGHT.plot)


def test_stale_is_seen_in_the_title(chart):
    chart.set_stale(True)
    assert chart.heading.text() == "Level ?"
    chart.set_stale(False)
    assert chart.heading.text() == "Level"


def test_a_logarithmic_axis_takes_values(qtbot):
    chart = Chart(Session(), "Errors", "snr_db", Axis("pre_fec_ber", is_log=True))
    qtbot.addWidget(chart)
    chart.set_curve("c", np.array([0.0, 10.0, 20.0]), np.array([1e-2, 1e-6, 0.0]))
    low, high = chart.view.viewRange()[1]
    assert -6.5 < low < -6.0
    assert -2.0 < high < -1.5
    axis = chart.plot.getAxis("left")

    def ticks(low, high):
        ((spacing, places),) = axis.tickValues(low, high, 300.0)
        return axis.tickStrings(places, 1.0, spacing)

    minus = "\N{MINUS SIGN}"
    assert ticks(-6.3, -1.9) == [f"1e{minus}{power}" for power in (6, 5, 4, 3, 2)]
    assert ticks(-4.0, -3.0) == [f"1e{minus}4", f"2e{minus}4", f"5e{minus}4", f"1e{minus}3"]
    assert ticks(-3.6, -3.35) == [f"3e{minus}4", f"4e{minus}4"]


def test_decimation_keeps_every_peak():
    x = np.arange(100_003.0)
    y = np.zeros(len(x))
    peaks = [17, 5_000, 77_777, 100_002]
    y[peaks] = [5.0, -7.0, 9.0, 3.0]
    shown_x, shown_y = decimate(x, y, -np.inf, np.inf)
    assert len(shown_x) <= POINTS_MAX
    assert np.all(np.diff(shown_x) >= 0)
    for place in peaks:
        assert y[place] in shown_y[shown_x == place]
    part_x, _ = decimate(x, y, 4_990.0, 5_010.0)
    np.testing.assert_array_equal(part_x, np.arange(4_989.0, 5_012.0))


def test_palettes_begin_at_nothing_and_go_one_way():
    for name in NAMES:
        colors = palette(name)
        assert colors.shape == (256,)
        # Rec. 709 luma: a density must not look the same at two counts, in gray either.
        rgb = np.stack([(colors >> shift) & 255 for shift in (16, 8, 0)]).astype(float)
        luma = np.array([0.2126, 0.7152, 0.0722]) @ rgb
        assert np.all(np.diff(luma) * np.sign(luma[-1] - luma[0]) > -1.0)
        assert abs(luma[-1] - luma[0]) > 120
    shown = shade_density(np.array([[0, 1, 1000]]), "paper", "#123456")
    assert shown[0, 0] == 0xFF123456
    assert shown[0, 2] == palette("paper")[-1]
    assert len(set(shown[0].tolist())) == 3


def test_numbers_read_as_people_write_them():
    assert format_number(-0.001) == "0.00"
    assert format_number(-1.5) == "\N{MINUS SIGN}1.50"
    assert format_number(2.0, 1, signed=True) == "+2.0"
    assert format_number(float("nan")) == "No data"
    assert format_power_of_ten(3.14e-5) == "3.1e\N{MINUS SIGN}5"
    assert format_quantity("pre_fec_ber", 0.01) == "1.0e\N{MINUS SIGN}2"
    assert format_quantity("length_km", 12.3456) == "12.35\N{NO-BREAK SPACE}km"


def test_linked_charts_show_the_same_part_of_x(chart, qtbot):
    other = Chart(chart.session, "OSNR", "distance_km", "osnr_db")
    qtbot.addWidget(other)
    other.resize(300, 200)
    other.link_x(chart)
    x = np.array([0.0, 50.0, 100.0])
    other.set_curve("o", x, np.array([30.0, 25.0, 20.0]))
    assert other.view.viewRange()[0] == chart.view.viewRange()[0]
    assert other.view.viewRange()[0][1] > 100.0
    chart.setFocus()
    qtbot.keyClick(chart, Qt.Key.Key_Plus)
    zoomed = chart.view.viewRange()[0]
    assert other.view.viewRange()[0] == zoomed
    other.set_curve("o", x, np.array([30.0, 25.0, 21.0]))  # new data leave the view of both to the user
    assert chart.view.viewRange()[0] == zoomed
    qtbot.keyClick(chart, Qt.Key.Key_F)
    assert other.view.viewRange()[0] == chart.view.viewRange()[0]
    assert other.view.viewRange()[0][1] > 100.0
