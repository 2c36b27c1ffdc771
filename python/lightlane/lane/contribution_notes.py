"""What the contributions to a margin mean: formula, model page and where the figure comes from, in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

COHERENT, DIRECT = "docs/models/coherent-budget.md", "docs/models/direct-budget.md"
_TRANSCEIVER, _FILTERS = "docs/models/transceiver.md", "docs/models/filtering-and-crosstalk.md"
_POLARIZATION, _WAVEFORM = "docs/models/polarization.md", "docs/models/coherent-waveform.md"
_MULTIPATH, _MIXING = "docs/models/multipath-interference.md", "docs/models/four-wave-mixing.md"
_DIRECT_WAVEFORM = "docs/models/direct-waveform.md"


@dataclass(frozen=True, slots=True)
class ContributionNote:
    """Why a contribution has its value.

    Attributes
    ----------
    meaning
        What it is, a sentence.
    formula
        How it is calculated; the terms are those of the page.
    inputs
        Figures of parts and conditions that it follows from.
    page
        Of the documentation.
    """

    meaning: str
    formula: str
    inputs: str
    page: str


NOTES: dict[str, ContributionNote] = {
    "launch power": ContributionNote(
        "Power of the lane where it leaves the module, for a module at the end of its range.",
        "P at the module, dBm",
        "launch power of the link, else that of the mode",
        COHERENT,
    ),
    "{element}": ContributionNote(
        "What one element of the path takes from the level, or an amplifier gives to it.",
        "attenuation x length + joints, or gain",
        "fiber and passive parts of the catalog; length and repairs of the duct",
        COHERENT,
    ),
    "least received power": ContributionNote(
        "The least power that the mode's receiver is specified for.",
        "power margin = P - sensitivity",
        "sensitivity of the mode",
        COHERENT,
    ),
    "greatest received power": ContributionNote(
        "The greatest power that the mode's receiver bears.",
        "power margin = overload - P",
        "overload of the mode",
        COHERENT,
    ),
    "transmitter OSNR": ContributionNote(
        "Noise that the transmitter itself brings along, in 12.5 GHz: where the way down begins.",
        "1/OSNR = 1/OSNR_tx + ...",
        "in-band OSNR of the mode",
        _TRANSCEIVER,
    ),
    "noise of {element}": ContributionNote(
        "OSNR lost to the amplified spontaneous emission of one element.",
        "1/OSNR grows by NF h f 12.5 GHz / P_in",
        "noise figure of the amplifier or OSNR of the stage; level at its input",
        COHERENT,
    ),
    "nonlinear interference of {element}": ContributionNote(
        "What the Kerr effect of one fiber adds, the powers at its input given.",
        "1/SNR_line grows by the fiber's share of the GN model's sum",
        "launch power into the span, dispersion and effective area of the fiber, comb",
        "docs/models/nonlinear-interference.md",
    ),
    "chromatic dispersion penalty": ContributionNote(
        "OSNR that the receiver needs more for the dispersion that it undoes.",
        "piecewise linear between the mode's points",
        "accumulated dispersion; penalty table of the mode",
        COHERENT,
    ),
    "PMD penalty": ContributionNote(
        "What the path's differential group delay costs.",
        "piecewise linear between the mode's points; direct detection: behind the equalizer",
        "PMD coefficient of the fibers, DGD of the parts",
        _POLARIZATION,
    ),
    "PDL penalty": ContributionNote(
        "What the path's polarization-dependent loss costs, at its mean.",
        "piecewise linear between the mode's points",
        "PDL of amplifiers and passive parts; penalty table of the mode",
        _POLARIZATION,
    ),
    "filtering penalty": ContributionNote(
        "What the narrowing of the passband by muxes and ROADMs costs.",
        "SNR behind the cascade and an ideal equalizer over that without it",
        "passbands and tolerances of the filters, symbol rate, else the mode's allowance",
        _FILTERS,
    ),
    "crosstalk penalty": ContributionNote(
        "What neighboring channels leave in the lane.",
        "overlap of the spectra, else the mode's allowance",
        "spacing, symbol rate, levels of the neighbors",
        _FILTERS,
    ),
    "required OSNR": ContributionNote(
        "OSNR in 12.5 GHz at which the mode reaches its FEC threshold.",
        "OSNR margin = OSNR after penalties - required OSNR",
        "required OSNR of the mode at this received power",
        COHERENT,
    ),
    "low received power": ContributionNote(
        "What the receiver's own noise asks more of the OSNR at this received power.",
        "required OSNR(P) - required OSNR at ample power",
        "points of the mode and its sensitivity",
        _TRANSCEIVER,
    ),
    "noise bandwidth (12.5 GHz to symbol rate)": ContributionNote(
        "The same noise counted in the bandwidth of the signal instead of 0.1 nm.",
        "-10 log10(Rs / 12.5 GHz)",
        "symbol rate of the mode",
        COHERENT,
    ),
    "receiver and transceiver noise": ContributionNote(
        "What the module makes of the line's noise and adds of its own.",
        "1/SNR = k / SNR_eff + n(P) + 1/SNR_TRX",
        "kappa_db and snr_trx_db of the mode, received power",
        _TRANSCEIVER,
    ),
    "SNR at the FEC threshold": ContributionNote(
        "The SNR at which the format's BER is the FEC's threshold.",
        "FEC margin = SNR - SNR_th",
        "modulation of the mode, threshold of the FEC",
        COHERENT,
    ),
    "OMA less TDECQ": ContributionNote(
        "Modulation amplitude of the transmitter, less what its eye costs: what the standard asks at least.",
        "A = least (OMA - TDECQ)",
        "launch OMA and TDECQ of the mode",
        DIRECT,
    ),
    "MPI and DGD allocation": ContributionNote(
        "What the standard sets aside for reflections and differential group delay.",
        "X",
        "allocation of the mode",
        DIRECT,
    ),
    "sensitivity for a perfect transmitter": ContributionNote(
        "The outer OMA that the receiver needs when nothing closes the eye.",
        "S = A - insertion loss - X",
        "channel insertion loss and allocation of the mode",
        DIRECT,
    ),
    "receiver shot noise": ContributionNote(
        "What the noise of the light itself costs in the photodiode.",
        "variance 2 q M^2 F (R P + I_d) B",
        "detector, responsivity and bandwidth of the mode",
        DIRECT,
    ),
    "loss budget": ContributionNote(
        "The loss that the standard closes between the two modules.",
        "power margin = channel insertion loss - loss",
        "channel insertion loss of the mode",
        COHERENT,
    ),
    "largest TDECQ": ContributionNote(
        "The largest TDECQ that the mode's transmitter may have.",
        "margin = limit - TDECQ",
        "TDECQ limit of the mode",
        DIRECT,
    ),
    "TDECQ behind this dispersion": ContributionNote(
        "Closure of the eye behind the accumulated dispersion at its worse corner.",
        "field simulation of the transmitter, tabled over dispersion",
        "bandwidth, chirp and extinction ratio of the mode; zero dispersion of the fiber",
        DIRECT,
    ),
    "OMA less TDECQ as computed, over the least": ContributionNote(
        "What this transmitter launches above the least that the standard asks for.",
        "(OMA - TDECQ) - A",
        "eye as computed, launch OMA of the mode",
        DIRECT,
    ),
    "multipath interference": ContributionNote(
        "Copies of the light from pairs of reflections beat with the signal.",
        "-10 log10(1 - x), x passed with a probability of 1e-6",
        "reflectances of modules and connectors, losses between them",
        _MULTIPATH,
    ),
    "polarization rotation penalty": ContributionNote(
        "What following a fast rotation of the polarization costs.",
        "piecewise linear between the mode's points",
        "rate of rotation of the conditions; penalty table of the mode",
        COHERENT,
    ),
    "equalization-enhanced phase noise": ContributionNote(
        "The dispersion equalizer spreads the oscillator's phase noise over many symbols.",
        "pi lambda^2 |D| Rs linewidth / (2 c) of noise",
        "accumulated dispersion, linewidth and symbol rate of the mode",
        _POLARIZATION,
    ),
    "four-wave mixing": ContributionNote(
        "Lanes that share a fiber mix into each other's frequencies.",
        "crosstalk that 99 % of links stay below",
        "lane grid and launch power of the mode, zero dispersion of the fiber",
        _MIXING,
    ),
    "colorless drop penalty": ContributionNote(
        "Channels that no filter takes away leave noise in the receiver.",
        "imperfect balance, by the ratio of total to channel power",
        "tolerance of the mode, channels at the drop",
        _TRANSCEIVER,
    ),
    "in-band crosstalk penalty": ContributionNote(
        "Leaks of the same frequency in ROADM stages add as noise.",
        "leak x (1 - roll-off / 4) each",
        "in-band crosstalk of the parts, roll-off of the mode",
        _FILTERS,
    ),
    "light of other lanes through the demultiplexer": ContributionNote(
        "What the module's demultiplexer lets through of the other lanes.",
        "-10 log10(1 - 3 x), x the leaked OMA over the lane's",
        "isolation of the mode's demultiplexer, levels of the lanes",
        DIRECT,
    ),
    "gain of the avalanche photodiode set for the light": ContributionNote(
        "What the gain that follows the received power changes against the gain at the sensitivity.",
        "k c M^3 + (1 - k) c M = 2 s^2",
        "detector of the mode, received power",
        DIRECT,
    ),
    "SNR at the decision, simulated": ContributionNote(
        "SNR of the received symbols, measured in the simulation.",
        "mean |symbol|^2 / mean |error|^2",
        "simulated waveform",
        _WAVEFORM,
    ),
    "level against the mode's limits": ContributionNote(
        "Distance of the received power to sensitivity and overload.",
        "the lesser of P - sensitivity and overload - P",
        "levels of the budget",
        _WAVEFORM,
    ),
    "what noise of the line may grow, simulated": ContributionNote(
        "How much the noise of the line may grow before the FEC threshold.",
        "(1/SNR_th - n) / (1/SNR - n)",
        "simulated waveform, receiver of the mode",
        _WAVEFORM,
    ),
    "closure of the standard": ContributionNote(
        "Power margin by the standard's closure; the simulation does not change it.",
        "(OMA - TDECQ) - loss - x - (A - IL - X)",
        "levels of the budget",
        _DIRECT_WAVEFORM,
    ),
    "light before the target, simulated": ContributionNote(
        "Light that the simulated lane can lose before its symbol error ratio is the mode's target.",
        "search over received OMA",
        "simulated waveform",
        _DIRECT_WAVEFORM,
    ),
}
"""By the words of a contribution, ``{element}`` in place of an element's label."""
_ELEMENT = "{element}"
_PATTERNS = [
    (re.compile(re.escape(words).replace(re.escape(_ELEMENT), ".+")), note)
    for words, note in NOTES.items()
    if _ELEMENT in words and words != _ELEMENT
]


def describe_contribution(label: str) -> ContributionNote:
    """Return why a contribution has its value; a label that is no word of the model's names an element of the path."""
    if label in NOTES:
        return NOTES[label]
    for pattern, note in _PATTERNS:
        if pattern.fullmatch(label):
            return note
    return NOTES[_ELEMENT]
