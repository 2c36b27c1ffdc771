"""The form that a batch is set up with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QCompleter,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from lightlane import LightlaneError, Scenario
from lightlane.toolkit import Ground, list_fields, plan_run
from lightlane_gui.batch.child import RunRequest
from lightlane_gui.batch.setups import (
    DRAWS_DEFAULT_COUNT,
    build_scenario,
    build_sweep,
    describe_batch,
    ends_of,
    suggest_folder,
    words_of,
)
from lightlane_gui.session.session import Session

KINDS = ("sweep", "draws", "run")
SEED_MAX = 2**31 - 1
"""What a spin box holds; scenarios take more."""
DRAWS_MAX = 1_000_000


class SetupForm(QWidget):
    """Tabs for sweep, draws and the scenario as it is; ``asked`` gives what is to be run."""

    asked = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._fields_of: object = None
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName("Kind of run")
        self.tabs.addTab(self._make_sweep(), "Sweep")
        self.tabs.addTab(self._make_draws(), "Monte Carlo")
        self.tabs.addTab(self._make_plain(), "As it is")
        self.only_shown = QCheckBox("Only base and the variant on display")
        self.only_shown.setToolTip("Leave out the other variants; the base always runs")
        self.only_shown.setChecked(True)
        self.folder = _line("Results folder", "Where the results go; a folder that is not there yet")
        browse = QPushButton("Browse…")
        browse.setToolTip("Choose where the results go")
        browse.clicked.connect(self._browse)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.start = QPushButton("Start")
        self.start.setToolTip("Run it in the background; the window stays yours")
        self.start.setDefault(True)
        self.start.clicked.connect(self._ask)
        folder_row = QHBoxLayout()
        folder_row.addWidget(self.folder, 1)
        folder_row.addWidget(browse)
        label = QLabel("Results folder")
        label.setBuddy(self.folder)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(6)
        for item in (self.tabs, self.only_shown, label):
            layout.addWidget(item)
        layout.addLayout(folder_row)
        layout.addWidget(self.problem)
        layout.addWidget(self.start)
        self.tabs.currentChanged.connect(lambda _: self.suggest())
        session.document_opened.connect(self.suggest)
        session.document_opened.connect(self._fill_fields)
        self.suggest()

    @property
    def kind(self) -> str:
        """Which of :data:`KINDS` is set up."""
        return KINDS[self.tabs.currentIndex()]

    def suggest(self) -> None:
        """Offer a folder that is not there yet."""
        document = self._session.document
        self.setEnabled(document is not None)
        if document is not None:
            self.folder.setText(str(suggest_folder(document, self.kind)))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """List the fields when somebody looks: that takes a tenth of a second for a large fabric."""
        super().showEvent(event)
        self._fill_fields()

    # --- tabs -------------------------------------------------------------------------------------------------------

    def _make_sweep(self) -> QWidget:
        page = QWidget()
        self.field = _line("Field", "Path of the field that is swept, such as duct.NAME.length_km; type to search")
        self.field.setPlaceholderText("duct.*.extra_loss_db")
        self._names = QStringListModel(self)
        completer = QCompleter(self._names, self.field)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setMaxVisibleItems(12)
        self.field.setCompleter(completer)
        self.by_range = QRadioButton("From, to, count")
        self.by_values = QRadioButton("Values")
        self.by_range.setToolTip("Sweep over evenly spaced values")
        self.by_values.setToolTip("Sweep over the values of a list")
        self.by_range.setChecked(True)
        self.begin, self.end = (
            _line("From", "First value, in the unit that the field's name ends in"),
            _line("To", "Last value, in the unit that the field's name ends in"),
        )
        self.count = QSpinBox()
        self.count.setRange(2, 100_000)
        self.count.setValue(11)
        self.count.setAccessibleName("Count")
        self.count.setToolTip("How many values, both ends included, evenly spaced")
        self.values = _line("Values", "The values, with commas between them")
        self.values.setEnabled(False)
        self.by_values.toggled.connect(self._choose_values)
        numbers = QHBoxLayout()
        for widget in (self.begin, self.end, self.count):
            numbers.addWidget(widget)
        form = QFormLayout(page)
        form.addRow("&Field", self.field)
        form.addRow(self.by_range, numbers)
        form.addRow(self.by_values, self.values)
        return page

    def _make_draws(self) -> QWidget:
        page = QWidget()
        self.draws_count = QSpinBox()
        self.draws_count.setRange(1, DRAWS_MAX)
        self.draws_count.setValue(DRAWS_DEFAULT_COUNT)
        self.draws_count.setAccessibleName("Draws")
        self.draws_count.setToolTip("How many specimens of the fabric are drawn, over the distributions of the catalog")
        self.seed = QSpinBox()
        self.seed.setRange(0, SEED_MAX)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("Key of all random numbers: the same seed gives the same draws")
        form = QFormLayout(page)
        form.addRow("&Draws", self.draws_count)
        form.addRow("S&eed", self.seed)
        text = QLabel("Every draw is kept, so that it can be shown on the map.")
        text.setWordWrap(True)
        form.addRow(text)
        return page

    def _make_plain(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        text = QLabel("The scenario as it stands: its variants, timeline, sweep and draws.")
        text.setWordWrap(True)
        layout.addWidget(text)
        layout.addStretch(1)
        return page

    def _choose_values(self, by_values: bool) -> None:
        self.values.setEnabled(by_values)
        for widget in (self.begin, self.end, self.count):
            widget.setEnabled(not by_values)

    def _fill_fields(self) -> None:
        document = self._session.document
        if document is not None and document is not self._fields_of and self.isVisible():
            self._fields_of = document
            ground = Ground(document.scenario, document.fabric, document.catalog)
            self._names.setStringList(list(list_fields(ground)))
            self.seed.setValue(min(document.scenario.seed, SEED_MAX))

    # --- start ------------------------------------------------------------------------------------------------------

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder to put the results into")
        if chosen:
            self.folder.setText(str(Path(chosen) / Path(self.folder.text()).name))

    def _build(self) -> Scenario:
        form, only = self._session.form, self.only_shown.isChecked()
        if self.kind == "sweep":
            if self.by_values.isChecked():
                sweep = build_sweep(self.field.text(), values=self.values.text() or ",")
            else:
                sweep = build_sweep(
                    self.field.text(), start=self.begin.text(), stop=self.end.text(), count=self.count.value()
                )
            return build_scenario(form, sweep=sweep, shown_variant_only=only)
        if self.kind == "draws":
            return build_scenario(
                form, draws_count=self.draws_count.value(), seed=self.seed.value(), shown_variant_only=only
            )
        return build_scenario(form, shown_variant_only=only)

    def _ask(self) -> None:
        document = self._session.document
        if document is None:
            return
        try:
            scenario = self._build()
            folder = Path(self.folder.text().strip()).expanduser()
            if not self.folder.text().strip() or folder.exists():
                raise LightlaneError("results folder: found one that is there; allowed: a name that is not taken")
            # What the fabric cannot take is better said here than by a run that fails; of a sweep its ends are tried.
            plan_run(ends_of(scenario), fabric=document.fabric, catalog=document.catalog)
        except (LightlaneError, ValueError) as error:
            self._say(words_of(error))
            return
        self._say("")
        name = describe_batch(scenario, self.kind)
        self.asked.emit(RunRequest(name, scenario, document.fabric, document.catalog, folder))

    def _say(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setStyleSheet(f"color: {self._session.theme.error};")
        self.problem.setVisible(bool(text))


def _line(name: str, meaning: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    line.setToolTip(meaning)
    line.setPlaceholderText(name.lower() if name in ("From", "To") else "")
    return line
