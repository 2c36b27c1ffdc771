//! Coherent accumulation of a channel's noise on itself over unequal spans.

use super::nonlinear_comb::Comb;
use super::nonlinear_line_span::{LineSpan, Slope};
use super::nonlinear_overlap::OverlapTable;
use super::nonlinear_profile::Profile;
use super::nonlinear_span::SpanNoise;
use crate::column::{Column, split_columns};
use crate::vector::{ColumnWork, vectorize};
use std::f64::consts::PI;

/// Nodes in the power of a span and of its neighbor, each with each.
const NODE_PAIRS: usize = 16;
/// Products of the two decays of a power profile in two spans.
const PRODUCTS: usize = 4;

/// Noise-to-signal ratio that a span's noise of each channel on itself gains by its coherence with the spans before.
///
/// # Algorithm
/// 1. The mixing products of two spans add with the phase of the dispersion between the two places where they arise:
///    2 16/27 g_s g_r (B/2)^2 int int rho_s(z) rho_r(z') W(4 pi^2 (B/2)^2 |d(z) - d(z')|) dz dz', where d is the dispersion
///    gathered up to a place and W the cosine transform of the lozenge.
/// 2. Neighboring spans: four nodes in each, and rho is two decays in each, so that the channels' profiles weight four integrals
///    that they share; others: the middles of their powers.
/// 3. The integrals are calculated at the stations of the comb.
///
/// Cost: for each station 16 values of W for a neighbor, 1 for each other span before.
pub(super) fn coherent_gains(span: &LineSpan, noise: &SpanNoise, before: &[LineSpan], comb: &Comb) -> Column {
    let mut gains = Column::zeros(comb.order().len());
    let Some((neighbor, others)) = before.split_last() else { return gains };
    let neighbor = neighbor.noise.as_deref().map(|noise| (neighbor, noise));
    let others = || others.iter().filter_map(|other| Some((other, other.noise.as_deref()?)));
    let mut apart = Vec::with_capacity(NODE_PAIRS + others().count());
    if let Some((neighbor, _)) = neighbor {
        for (here_m, _, _) in span.nodes.nodes {
            for (there_m, _, _) in neighbor.nodes.nodes {
                apart.push(span.gathered_s2(here_m).plus(-1.0, neighbor.gathered_s2(there_m)));
            }
        }
    }
    apart.extend(others().map(|(other, _)| span.middle_s2().plus(-1.0, other.middle_s2())));
    let overlaps = overlaps(&apart, comb);
    let stations = comb.stations.count();
    let (near, far) = overlaps.split_at(if neighbor.is_some() { NODE_PAIRS * stations } else { 0 });
    if let Some(there) = neighbor {
        vectorize(NeighborGain { gains: &mut gains, overlaps: near, here: (span, noise), there, comb });
    }
    for (there, overlaps) in others().zip(far.chunks_exact(stations.max(1))) {
        vectorize(DistantGain { gains: &mut gains, overlaps, here: (span, noise), there, comb });
    }
    for ((gain, amplitude), rate) in gains.iter_mut().zip(&span.amplitudes).zip(&comb.rates_hz) {
        *gain *= 8.0 / 27.0 * rate * rate * amplitude;
    }
    gains
}

/// W at the stations of a comb for some dispersions between two places, one after the other.
fn overlaps(apart_s2: &[Slope], comb: &Comb) -> Column {
    let count = apart_s2.len() * comb.stations.count();
    let mut phases = Column::scratch(count);
    vectorize(Overlaps { phases: &mut phases, table: OverlapTable::new(count), apart_s2, comb });
    phases
}

struct Overlaps<'a> {
    phases: &'a mut [f64],
    table: OverlapTable,
    apart_s2: &'a [Slope],
    comb: &'a Comb,
}

impl ColumnWork for Overlaps<'_> {
    type Output = ();

    #[inline(always)]
    fn run(mut self) {
        let stations = &self.comb.stations;
        let count = stations.count();
        let (offsets_hz, rates_hz) = (&stations.offsets_hz[..count], &stations.rates_hz[..count]);
        for (row, apart) in self.phases.chunks_exact_mut(count.max(1)).zip(self.apart_s2) {
            for (k, phase) in row[..count].iter_mut().enumerate() {
                *phase = PI * PI * rates_hz[k] * rates_hz[k] * apart.at(offsets_hz[k]).abs();
            }
        }
        self.table.look_up(self.phases);
    }
}

/// Adds what the channels gain by the span right before, but for factors of this span's amplitude and of the symbol rate.
struct NeighborGain<'a> {
    gains: &'a mut [f64],
    /// W at the stations for each pair of nodes.
    overlaps: &'a [f64],
    here: (&'a LineSpan, &'a SpanNoise),
    there: (&'a LineSpan, &'a SpanNoise),
    comb: &'a Comb,
}

impl ColumnWork for NeighborGain<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { gains, overlaps, here, there, comb } = self;
        let stations = comb.stations.count();
        let mut sums = Column::zeros(PRODUCTS * stations);
        let [both, here_double, there_double, double] = split_columns(&mut sums, stations);
        let mut rows = overlaps.chunks_exact(stations.max(1));
        for (_, here_left, here_weight) in here.0.nodes.nodes {
            for (_, there_left, there_weight) in there.0.nodes.nodes {
                let (weight, row) = (here_weight * there_weight, &rows.next().unwrap_or_default()[..stations]);
                let weights = [here_left * weight, there_left * weight, here_left * there_left * weight];
                for k in 0..stations {
                    both[k] = weight.mul_add(row[k], both[k]);
                    here_double[k] = weights[0].mul_add(row[k], here_double[k]);
                    there_double[k] = weights[1].mul_add(row[k], there_double[k]);
                    double[k] = weights[2].mul_add(row[k], double[k]);
                }
            }
        }
        let width = comb.stations.spread_count();
        let mut spread = Column::scratch(PRODUCTS * width);
        let [plain, of_here, of_there, of_both] = split_columns(&mut spread, width);
        comb.stations.spread([&*both, &*here_double, &*there_double, &*double], [plain, of_here, of_there, of_both]);
        let count = gains.len();
        let (here, profiles) = (&here.1.profiles[..count], &there.1.profiles[..count]);
        let (plain, of_here) = (&plain[..count], &of_here[..count]);
        let (of_there, of_both, amplitudes) = (&of_there[..count], &of_both[..count], &there.0.amplitudes[..count]);
        for (k, gain) in gains.iter_mut().enumerate() {
            let (a, b): (Profile, Profile) = (here[k], profiles[k]);
            let single = a.single * plain[k] + a.double * of_here[k];
            let double = a.single * of_there[k] + a.double * of_both[k];
            *gain += amplitudes[k] * (b.single * single + b.double * double);
        }
    }
}

/// Adds what the channels gain by a span further before, but for the same factors.
struct DistantGain<'a> {
    gains: &'a mut [f64],
    /// W at the stations.
    overlaps: &'a [f64],
    here: (&'a LineSpan, &'a SpanNoise),
    there: (&'a LineSpan, &'a SpanNoise),
    comb: &'a Comb,
}

impl ColumnWork for DistantGain<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { gains, overlaps, here, there, comb } = self;
        let mut spread = Column::scratch(comb.stations.spread_count());
        comb.stations.spread([overlaps], [&mut spread]);
        let count = gains.len();
        let (spread, amplitudes) = (&spread[..count], &there.0.amplitudes[..count]);
        let (of_here, of_there) = (&here.1.profiles[..count], &there.1.profiles[..count]);
        for (k, gain) in gains.iter_mut().enumerate() {
            let lengths_m = here.0.nodes.effective(of_here[k]) * there.0.nodes.effective(of_there[k]);
            *gain += amplitudes[k] * lengths_m * spread[k];
        }
    }
}
