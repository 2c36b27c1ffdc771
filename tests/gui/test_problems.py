"""The problems panel: what it shows, where its lines lead, what the log keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from lightlane import LiveScenario
from lightlane.toolkit import StateProblem
from lightlane_gui.problems.panel import ProblemsPanel
from lightlane_gui.problems.problem_tree import ProblemRole
from lightlane_gui.session.opening import open_document
from lightlane_gui.theme import LIGHT
from lightlane_gui.workbench import Workbench

SCENARIO = Path(__file__).parents[2] / "examples" / "09_years_of_a_metro" / "scenario.toml"
LATE_DAYS = 2190.0


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[ProblemsPanel]:
    workbench = Workbench()
    shown = ProblemsPanel(workbench.session)
    qtbot.addWidget(shown)
    shown.resize(900, 300)
    shown.show()
    yield shown
    workbench.close()


def open_late(qtbot: QtBot, panel: ProblemsPanel) -> None:
    session = panel.session
    session.open(open_document(SCENARIO), time_days=LATE_DAYS)
    qtbot.waitUntil(
        lambda: session.problems is not None and session.problems_version == session.version, timeout=10_000
    )


def lines(panel: ProblemsPanel) -> list[tuple[QTreeWidgetItem, StateProblem]]:
    found = []
    for place in range(panel.tree.topLevelItemCount()):
        group = panel.tree.topLevelItem(place)
        assert group is not None
        for number in range(group.childCount()):
            problem = group.child(number).data(0, ProblemRole)
            if isinstance(problem, StateProblem):
                found.append((group.child(number), problem))
    return found


def click(qtbot: QtBot, panel: ProblemsPanel, item: QTreeWidgetItem) -> None:
    panel.tree.scrollToItem(item)
    spot = panel.tree.visualItemRect(item).center()
    qtbot.mouseClick(panel.tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def test_it_says_what_to_do_while_nothing_is_open(panel: ProblemsPanel) -> None:
    assert panel.stack.currentWidget() is panel.empty
    assert "Ctrl+O" in panel.empty.text()


def test_problems_are_those_of_the_headless_state(qtbot: QtBot, panel: ProblemsPanel) -> None:
    open_late(qtbot, panel)
    headless = LiveScenario.open(SCENARIO).state(time_days=LATE_DAYS).problems
    assert sorted(problem.text for _, problem in lines(panel)) == sorted(item.text for item in headless)
    errors = sum(item.level == "error" for item in headless)
    assert errors
    assert f"{errors} error" in panel.tabs.tabText(0)


def test_every_line_leads_to_its_place(qtbot: QtBot, panel: ProblemsPanel) -> None:
    open_late(qtbot, panel)
    for kind in ("demand", "link"):
        item, problem = next(line for line in lines(panel) if line[1].kind == kind)
        click(qtbot, panel, item)
        assert (panel.session.selection.kind, panel.session.selection.name) == (problem.record, problem.name)
    with qtbot.waitSignal(panel.link_opened) as opened:
        qtbot.keyClick(panel.tree, Qt.Key.Key_Return)
    assert opened.args == [problem.name]


def test_an_edit_marks_the_list_as_old_until_the_next_one_comes(qtbot: QtBot, panel: ProblemsPanel) -> None:
    open_late(qtbot, panel)
    panel.session.set_field("conditions.connector_loss_db", 1.5, "Dirt")
    assert panel.tabs.tabText(0).endswith("?")
    qtbot.waitUntil(lambda: not panel.tabs.tabText(0).endswith("?"), timeout=10_000)
    form = panel.session.form
    state = LiveScenario.open(SCENARIO).state(form.scenario, variant=form.variant, time_days=LATE_DAYS)
    assert sorted(problem.text for _, problem in lines(panel)) == sorted(item.text for item in state.problems)


def test_folded_groups_and_the_current_line_stay(qtbot: QtBot, panel: ProblemsPanel) -> None:
    open_late(qtbot, panel)
    group = panel.tree.topLevelItem(panel.tree.topLevelItemCount() - 1)
    assert group is not None
    assert group.data(0, ProblemRole) == "assumption"
    assert not group.isExpanded()
    group.setExpanded(True)
    item, problem = next(line for line in lines(panel) if line[1].kind == "link")
    click(qtbot, panel, item)
    panel.session.set_theme(LIGHT)
    panel.session.set_field("conditions.connector_loss_db", 0.1, "Dirt")
    version = panel.session.version
    qtbot.waitUntil(lambda: panel.session.problems_version == version, timeout=10_000)
    group = panel.tree.topLevelItem(panel.tree.topLevelItemCount() - 1)
    assert group is not None
    assert group.isExpanded()
    current = panel.tree.currentItem()
    assert current is not None
    assert current.data(0, ProblemRole).name == problem.name


def test_the_log_keeps_what_was_said(qtbot: QtBot, panel: ProblemsPanel) -> None:
    panel.session.notice("opened <a>.toml")
    for _ in range(3):
        panel.session.notice("slow\nmachine", "warning")
    assert panel.tabs.tabText(1) == "Log (4 new)"
    panel.log_action.trigger()
    assert panel.tabs.tabText(1) == "Log"
    shown = panel.log.toPlainText()
    assert "opened <a>.toml" in shown
    assert "(3 times)" in shown
    assert panel.log.text().count("warning") == 1
    panel.session.set_theme(LIGHT)
    assert panel.log.toPlainText().split() == shown.split()
