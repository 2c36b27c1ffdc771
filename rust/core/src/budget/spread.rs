//! The input tables of draws: which figure of which element or mode spreads how, and what shares a number.

use super::sample::{Basis, ElementChange, LaneChange};
use super::tables::{Plant, check_index, check_length};
use crate::distribution::Distribution;
use crate::error::{Error, Result};
use crate::interpolate::check_offsets;
use crate::rng::NumberAddress;

/// Bits of an entity that number it; above them stands the group of lanes that has fibers of its own.
const GROUP_SHIFT: u32 = 20;
/// Bits of a purpose below the number of a piece.
const PIECE_SHIFT: u32 = 8;

/// What spreads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Attenuation of a fiber.
    Attenuation,
    /// Zero-dispersion wavelength of a fiber.
    ZeroDispersion,
    /// Slope at the zero-dispersion wavelength.
    ZeroSlope,
    /// Dispersion at 1550 nm.
    Dispersion,
    /// PMD coefficient.
    Pmd,
    /// Loss of each connector of an element.
    ConnectorLoss,
    /// Loss of each splice of an element.
    SpliceLoss,
    /// Loss of a mux.
    MuxLoss,
    /// Noise figure of an amplifier.
    NoiseFigure,
    /// Wavelength of a lane.
    LaneWavelength,
    /// Launch power of a coherent module.
    LaunchPower,
    /// OMA less TDECQ of a direct-detect transmitter.
    OmaLessTdecq,
    /// Sensitivity of a receiver.
    Sensitivity,
    /// Required OSNR of a receiver.
    RequiredOsnr,
    /// DGD of a lane over its mean; follows from physics and needs no row.
    Dgd,
    /// Direction of the PDL of an element; follows from physics and needs no row.
    Pdl,
}

impl Quantity {
    const ALL: [Self; 14] = [
        Self::Attenuation,
        Self::ZeroDispersion,
        Self::ZeroSlope,
        Self::Dispersion,
        Self::Pmd,
        Self::ConnectorLoss,
        Self::SpliceLoss,
        Self::MuxLoss,
        Self::NoiseFigure,
        Self::LaneWavelength,
        Self::LaunchPower,
        Self::OmaLessTdecq,
        Self::Sensitivity,
        Self::RequiredOsnr,
    ];
}

/// What has one value; the lower half belongs to elements, the upper half to modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All fibers of a cable.
    Cable,
    /// One fiber with all its lanes.
    Fiber,
    /// One element, or one piece of it.
    Element,
    /// One module with all its lanes, one direction.
    Module,
    /// One lane.
    Lane,
}

/// The address of a number within a draw.
pub(super) fn purpose(quantity: Quantity, scope: Scope) -> u32 {
    quantity as u32 * 8 + scope as u32
}

/// Distributions in use, the figures that they belong to, and the links that are drawn.
///
/// Elements and modes have runs of rules; a rule names a distribution and what it needs to know to draw from it.
#[derive(Debug, Clone)]
pub struct SpreadTable<'a> {
    /// 0 normal, 1 truncated normal, 2 uniform, 3 triangular, 4 lognormal.
    pub kind: &'a [u8],
    /// In SI where the basis is an offset, as the next four; NaN where the kind has none.
    pub mean: &'a [f64],
    /// Standard deviation.
    pub standard_deviation: &'a [f64],
    /// Least value.
    pub low: &'a [f64],
    /// Most likely value.
    pub peak: &'a [f64],
    /// Greatest value.
    pub high: &'a [f64],
    /// Code of [`Quantity`].
    pub quantity: &'a [u8],
    /// Code of [`Scope`].
    pub scope: &'a [u8],
    /// 0 offset, 1 ratio, 2 range.
    pub basis: &'a [u8],
    /// Rules of element `i` are `element_offsets[i]..element_offsets[i + 1]`.
    pub element_offsets: &'a [usize],
    /// Row of the rule's distribution.
    pub element_rule: &'a [i64],
    /// What shares one number within its scope, counted within the link, below 2^20.
    pub element_entity: &'a [i64],
    /// Pieces of the element that draw a number each.
    pub element_pieces_count: &'a [i64],
    /// Loss of one piece; NaN where the rule is no loss of pieces.
    pub element_loss_db: &'a [f64],
    /// Number of the worst specimen.
    pub element_worst: &'a [f64],
    /// Rules of mode `i` are `mode_offsets[i]..mode_offsets[i + 1]`.
    pub mode_offsets: &'a [usize],
    /// Row of the rule's distribution.
    pub mode_rule: &'a [i64],
    /// Number of the worst specimen.
    pub mode_worst: &'a [f64],
    /// Paths of link `i` are `link_offsets[i]..link_offsets[i + 1]`.
    pub link_offsets: &'a [usize],
    /// What a link is known by, whatever its place in the table.
    pub link_key: &'a [i64],
    /// Module that a lane belongs to, counted within the link with both directions apart.
    pub lane_module: &'a [i64],
    /// Number of the lane, counted within the link with both directions apart.
    pub lane_number: &'a [i64],
    /// Lanes of a path that share its fibers have the same group, below 2^12, and stand side by side.
    pub lane_group: &'a [i64],
    /// Lanes of a path whose codewords lie on all of them have the same engine and stand side by side; below 0: none has frames.
    pub lane_engine: &'a [i64],
}

/// A distribution with the figure that it changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    distribution: Distribution,
    quantity: Quantity,
    scope: Scope,
    basis: Basis,
}

/// Where numbers come from.
#[derive(Debug)]
pub(super) enum Numbers<'a> {
    /// The worst specimen of everything.
    Worst,
    /// Nowhere yet: addresses are noted in the order in which they are asked for.
    Noted(&'a mut Vec<NumberAddress>),
    /// From a random source, in that order.
    Drawn(&'a [[f64; 2]]),
}

impl Numbers<'_> {
    /// Whether specimens are drawn, or will be.
    pub(super) fn are_random(&self) -> bool {
        !matches!(self, Self::Worst)
    }

    /// The two numbers of an address.
    fn pair(&mut self, purpose: u32, entity: u32) -> [f64; 2] {
        match self {
            Self::Noted(addresses) => addresses.push(NumberAddress { purpose, entity }),
            Self::Drawn([first, rest @ ..]) => {
                let pair = *first;
                *self = Self::Drawn(rest);
                return pair;
            }
            Self::Worst | Self::Drawn([]) => {}
        }
        [0.5; 2]
    }
}

impl SpreadTable<'_> {
    /// Checks the table and prepares its distributions.
    pub(super) fn prepare(&self, plant: &Plant<'_>, modes: usize, lanes: usize) -> Result<Vec<Spread>> {
        let rows = self.kind.len();
        for (name, length) in [
            ("mean", self.mean.len()),
            ("standard_deviation", self.standard_deviation.len()),
            ("low", self.low.len()),
            ("peak", self.peak.len()),
            ("high", self.high.len()),
            ("quantity", self.quantity.len()),
            ("scope", self.scope.len()),
            ("basis", self.basis.len()),
        ] {
            check_length(name, length, rows)?;
        }
        let rules = self.element_rule.len();
        for (name, length) in [
            ("element_entity", self.element_entity.len()),
            ("element_pieces_count", self.element_pieces_count.len()),
            ("element_loss_db", self.element_loss_db.len()),
            ("element_worst", self.element_worst.len()),
        ] {
            check_length(name, length, rules)?;
        }
        check_length("mode_worst", self.mode_worst.len(), self.mode_rule.len())?;
        check_length("element_offsets", self.element_offsets.len(), plant.elements.kind.len() + 1)?;
        check_offsets("element rule", self.element_offsets, rules)?;
        check_length("mode_offsets", self.mode_offsets.len(), modes + 1)?;
        check_offsets("mode rule", self.mode_offsets, self.mode_rule.len())?;
        check_offsets("link", self.link_offsets, plant.path_count())?;
        check_length("link_offsets", self.link_offsets.len(), self.link_key.len() + 1)?;
        for (name, length) in [
            ("lane_module", self.lane_module.len()),
            ("lane_number", self.lane_number.len()),
            ("lane_group", self.lane_group.len()),
            ("lane_engine", self.lane_engine.len()),
        ] {
            check_length(name, length, lanes)?;
        }
        for &rule in self.element_rule.iter().chain(self.mode_rule) {
            check_index("rule", rule, rows)?;
        }
        for &entity in self.element_entity {
            check_index("element_entity", entity, 1 << GROUP_SHIFT)?;
        }
        for &group in self.lane_group {
            check_index("lane_group", group, 1 << (32 - GROUP_SHIFT))?;
        }
        (0..rows).map(|row| self.spread(row)).collect()
    }

    fn spread(&self, row: usize) -> Result<Spread> {
        let (mean, deviation) = (self.mean[row], self.standard_deviation[row]);
        let (low, peak, high) = (self.low[row], self.peak[row], self.high[row]);
        let unknown = |name: &str, found: u8, allowed: &str| {
            Err(Error::parameter(format!("{name} of distribution {row}"), found, allowed))
        };
        let distribution = match self.kind[row] {
            0 => Distribution::normal(mean, deviation)?,
            1 => Distribution::truncated_normal(mean, deviation, low, high)?,
            2 => Distribution::uniform(low, high)?,
            3 => Distribution::triangular(low, peak, high)?,
            4 => Distribution::lognormal(mean, deviation)?,
            other => return unknown("kind", other, "0 to 4"),
        };
        let Some(&quantity) = Quantity::ALL.get(usize::from(self.quantity[row])) else {
            return unknown("quantity", self.quantity[row], "0 to 13");
        };
        let scope = match self.scope[row] {
            0 => Scope::Cable,
            1 => Scope::Fiber,
            2 => Scope::Element,
            3 => Scope::Module,
            4 => Scope::Lane,
            other => return unknown("scope", other, "0 to 4"),
        };
        let basis = match self.basis[row] {
            0 => Basis::Offset,
            1 => Basis::Ratio,
            2 => Basis::Range,
            other => return unknown("basis", other, "0, 1 or 2"),
        };
        Ok(Spread { distribution, quantity, scope, basis })
    }

    /// Specimen of an element for one group of lanes.
    ///
    /// # Algorithm
    /// 1. A number's address is (quantity and scope, what shares it, and, but for what a whole cable shares, the group).
    /// 2. A loss of pieces draws one number for each piece; two pieces share a pair of numbers.
    pub(super) fn element_change(
        &self,
        spreads: &[Spread],
        numbers: &mut Numbers<'_>,
        element: usize,
        group: u32,
    ) -> ElementChange {
        let mut change = ElementChange::NONE;
        for rule in self.element_offsets[element]..self.element_offsets[element + 1] {
            let spread = &spreads[index(self.element_rule[rule])];
            let mut entity = number(self.element_entity[rule]);
            if spread.scope != Scope::Cable {
                entity |= group << GROUP_SHIFT;
            }
            let worst = self.element_worst[rule];
            let one = |numbers: &mut Numbers<'_>| spread.number(numbers, entity, worst);
            match spread.quantity {
                Quantity::ConnectorLoss | Quantity::SpliceLoss | Quantity::MuxLoss => {
                    let pieces = number(self.element_pieces_count[rule]);
                    change.loss_db +=
                        spread.loss_of_pieces_db(numbers, entity, pieces, self.element_loss_db[rule], worst);
                }
                Quantity::Attenuation => change.attenuation.join(spread.basis, one(numbers)),
                // The worst of a range are both of its ends, which the type has.
                Quantity::ZeroDispersion if numbers.are_random() => {
                    change.zero_dispersion.join(spread.basis, one(numbers));
                }
                Quantity::ZeroSlope if numbers.are_random() => change.zero_slope.join(spread.basis, one(numbers)),
                Quantity::Dispersion => change.dispersion.join(spread.basis, one(numbers)),
                Quantity::Pmd => change.pmd.join(spread.basis, one(numbers)),
                Quantity::NoiseFigure => change.noise_figure.join(spread.basis, one(numbers)),
                _ => {}
            }
        }
        change
    }

    /// Specimen of a lane and its modules, without its DGD and PDL.
    pub(super) fn lane_change(
        &self,
        spreads: &[Spread],
        numbers: &mut Numbers<'_>,
        mode: usize,
        lane: usize,
    ) -> LaneChange {
        let mut change = LaneChange { neighbors_at_limit: !numbers.are_random(), ..LaneChange::NONE };
        for rule in self.mode_offsets[mode]..self.mode_offsets[mode + 1] {
            let spread = &spreads[index(self.mode_rule[rule])];
            let entity =
                number(if spread.scope == Scope::Module { self.lane_module[lane] } else { self.lane_number[lane] });
            let one = spread.number(numbers, entity, self.mode_worst[rule]);
            match spread.quantity {
                Quantity::LaneWavelength if numbers.are_random() => {
                    change.wavelength.join(spread.basis, one);
                }
                Quantity::LaunchPower | Quantity::OmaLessTdecq => change.transmitter_db += one,
                Quantity::Sensitivity => change.sensitivity_db += one,
                Quantity::RequiredOsnr => change.required_osnr_db += one,
                _ => {}
            }
        }
        change
    }
}

impl Spread {
    fn number(&self, numbers: &mut Numbers<'_>, entity: u32, worst: f64) -> f64 {
        if numbers.are_random() {
            self.distribution.quantile(numbers.pair(purpose(self.quantity, self.scope), entity)[0])
        } else {
            worst
        }
    }

    /// What `pieces` pieces lose beyond their figure.
    fn loss_of_pieces_db(
        &self,
        numbers: &mut Numbers<'_>,
        entity: u32,
        pieces: u32,
        figure_db: f64,
        worst: f64,
    ) -> f64 {
        let beyond = |value: f64| match self.basis {
            Basis::Ratio => figure_db * (value - 1.0),
            Basis::Offset | Basis::Range => value,
        };
        if !numbers.are_random() {
            return f64::from(pieces) * beyond(worst);
        }
        let here = purpose(self.quantity, self.scope);
        let mut sum_db = 0.0;
        for pair in 0..pieces.div_ceil(2) {
            let both = numbers.pair(here | (pair << PIECE_SHIFT), entity);
            for &probability in &both[..=usize::from(pieces > 2 * pair + 1)] {
                sum_db += beyond(self.distribution.quantile(probability));
            }
        }
        sum_db
    }
}

/// A row number or count that the checks have approved.
fn index(value: i64) -> usize {
    usize::try_from(value).unwrap_or(0)
}

fn number(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(0)
}
