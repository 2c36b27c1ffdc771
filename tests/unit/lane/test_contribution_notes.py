"""Every contribution that the models name is described, on a page that there is."""

from pathlib import Path

import pytest
from tests.conftest import build_link

from lightlane import evaluate_link
from lightlane.kernels.budget import CONTRIBUTIONS
from lightlane.lane.contribution_notes import NOTES
from lightlane.toolkit import describe_contribution

ROOT = Path(__file__).parents[3]


def test_every_word_of_the_kernels_has_its_own_note():
    assert set(CONTRIBUTIONS) <= set(NOTES)
    for words in CONTRIBUTIONS:
        assert describe_contribution(words.format(element="duct 1 (12 km)")) is NOTES[words]


@pytest.mark.parametrize("words", NOTES)
def test_a_note_says_all_and_its_page_exists(words):
    note = NOTES[words]
    assert note.meaning.endswith(".")
    assert note.formula
    assert note.inputs
    assert (ROOT / note.page).is_file()


def test_labels_of_a_real_link_find_their_notes():
    link = build_link("400g-lr4-10", (8.0,), run={"connector_count": 2})
    labels = [step.label for step in evaluate_link(link).explain()]
    found = {label: describe_contribution(label) for label in labels}
    assert found["OMA less TDECQ"] is NOTES["OMA less TDECQ"]
    assert found["duct 0 (8 km)" if "duct 0 (8 km)" in found else "duct 1 (8 km)"] is NOTES["{element}"]
