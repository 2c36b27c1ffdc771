//! Equalized eyes that were fitted to sampled waveforms, between the transmitters and fibers that were simulated.

use super::equalized_eye::{EqualizedEye, GRID, NoiseLevels, opening_of};
use super::eye_table::{EyeTable, REFERENCE_M, TDECQ_END_DB};
use super::pam4::pam4_target_q;
use super::tdecq::DecisionDistances;
use crate::error::{Error, Result, require_finite};
use crate::optics::{Response, Transmitter};
use crate::units::SPEED_OF_LIGHT_M_PER_S;

/// Numbers of one eye: noise enhancement, three openings for each noise, mean power and its square for each level.
pub const SURROGATE_WIDTH: usize = 1 + OPENINGS_COUNT + 8;
/// Openings of one eye.
pub const OPENINGS_COUNT: usize = 3 * GRID.len();
/// Points of a cubic: two on either side. An axis of three values takes a parabola.
const STENCIL: usize = 4;
/// Least values of an axis.
const AXIS_MIN_COUNT: usize = 3;
/// Steps of the eye table in each step of the simulated dispersions.
const FINER: usize = 4;
/// Rounding of a figure at the edge of the box.
const EDGE_RATIO: f64 = 1e-6;

/// Where eyes were simulated: the values of each axis, rising.
#[derive(Debug, Clone, PartialEq)]
pub struct SurrogateAxes {
    /// Accumulated dispersion D lambda^2 Rs^2/c: what a field of any symbol rate sees.
    pub dispersion_ratio: Vec<f64>,
    /// Transient chirp.
    pub chirp_alpha: Vec<f64>,
    /// Bandwidth of the transmitter over the symbol rate.
    pub bandwidth_ratio: Vec<f64>,
    /// Extinction ratio.
    pub extinction_ratio_db: Vec<f64>,
}

/// Eyes of one equalizer and target over dispersion, chirp, bandwidth and extinction ratio.
#[derive(Debug, Clone)]
pub struct EyeSurrogate {
    target_ser_ratio: f64,
    axes: SurrogateAxes,
    /// Slowest axis first: extinction ratio, bandwidth, chirp, dispersion; then the numbers of an eye.
    rows: Vec<f64>,
}

impl EyeSurrogate {
    /// Takes simulated eyes, in the order of extinction ratio, bandwidth, chirp, dispersion (fastest).
    ///
    /// # Errors
    /// [`Error::Parameter`] if an axis does not rise or has fewer than three values, dispersion does not hold 0, the numbers
    /// are not as many, or one is not finite.
    pub fn new(target_ser_ratio: f64, axes: SurrogateAxes, rows: Vec<f64>) -> Result<Self> {
        pam4_target_q(target_ser_ratio)?;
        let mut count = SURROGATE_WIDTH;
        for (name, axis) in axes.each() {
            if axis.len() < AXIS_MIN_COUNT || !axis.is_sorted_by(|before, after| before < after) {
                let allowed = format!("{AXIS_MIN_COUNT} values or more, rising");
                return Err(Error::parameter(name, format!("{axis:?}"), allowed));
            }
            count *= axis.len();
        }
        if !axes.dispersion_ratio.contains(&0.0) {
            return Err(Error::parameter("dispersion_ratio", "no 0", "an axis that holds 0"));
        }
        if rows.len() != count {
            return Err(Error::parameter("rows", rows.len(), format!("{count} numbers")));
        }
        for &number in &rows {
            require_finite("rows", number)?;
        }
        Ok(Self { target_ser_ratio, axes, rows })
    }

    /// Whether the eyes are those of a target symbol error ratio.
    pub fn is_for(&self, target_ser_ratio: f64) -> bool {
        (self.target_ser_ratio / target_ser_ratio - 1.0).abs() < EDGE_RATIO
    }

    /// The eyes of one transmitter over accumulated dispersion; `None` where it, or the dispersion it is tested over (at
    /// 1310 nm), lies outside of what was simulated.
    ///
    /// # Algorithm
    /// 1. Place on the axes; outside the first and last value of any there is no answer.
    /// 2. For dispersions four times as dense as the simulated ones: cubic Lagrange interpolation over the nearest four values
    ///    of each axis, of every number of the eye.
    /// 3. Noise that such an eye bears beside the transmitter's own; the run of open eyes around 0.
    ///
    /// # Errors
    /// [`Error::Model`] if the eye is closed without any dispersion, [`Error::Parameter`] if a figure is not allowed.
    ///
    /// # References
    /// `docs/models/surrogate.md`.
    pub fn tabulate(
        &self,
        transmitter: &Transmitter,
        intensity_noise_ratio: f64,
        dispersion_s_per_m: (f64, f64),
    ) -> Result<Option<EyeTable>> {
        transmitter.validate()?;
        let target_q = pam4_target_q(self.target_ser_ratio)?;
        let rate_hz = transmitter.symbol_rate_hz;
        let Response::BesselThomson { bandwidth_hz } = transmitter.response else { return Ok(None) };
        let per_ratio = SPEED_OF_LIGHT_M_PER_S / (REFERENCE_M * rate_hz).powi(2);
        let axes = &self.axes;
        let dispersion = |value: f64| stencil(&axes.dispersion_ratio, value / per_ratio);
        let (Some(_), Some(_)) = (dispersion(dispersion_s_per_m.0), dispersion(dispersion_s_per_m.1)) else {
            return Ok(None);
        };
        if transmitter.level_mismatch_ratio != 1.0 || transmitter.adiabatic_chirp_hz != 0.0 {
            return Ok(None);
        }
        let (Some(chirp), Some(bandwidth), Some(extinction)) = (
            stencil(&axes.chirp_alpha, transmitter.chirp_alpha),
            stencil(&axes.bandwidth_ratio, bandwidth_hz / rate_hz),
            stencil(&axes.extinction_ratio_db, transmitter.extinction_ratio_db),
        ) else {
            return Ok(None);
        };
        let middle = transmitter.average_over_oma();
        let fine = finer(&axes.dispersion_ratio);
        let eyes: Vec<Option<EqualizedEye>> = fine
            .iter()
            .map(|&ratio| {
                let place = [extinction, bandwidth, chirp, stencil(&axes.dispersion_ratio, ratio)?];
                eye_of(&self.row(&place), middle, intensity_noise_ratio, self.target_ser_ratio, target_q)
            })
            .collect();
        let at_reference: Vec<f64> = fine.iter().map(|ratio| ratio * per_ratio).collect();
        EyeTable::of_eyes(&at_reference, &eyes).map(Some)
    }

    fn row(&self, [extinction, bandwidth, chirp, dispersion]: &[Stencil; 4]) -> [f64; SURROGATE_WIDTH] {
        let axes = &self.axes;
        let mut out = [0.0; SURROGATE_WIDTH];
        for (e, extinction_weight) in extinction.entries() {
            for (b, bandwidth_weight) in bandwidth.entries() {
                for (c, chirp_weight) in chirp.entries() {
                    for (d, dispersion_weight) in dispersion.entries() {
                        let weight = extinction_weight * bandwidth_weight * chirp_weight * dispersion_weight;
                        let place = (e * axes.bandwidth_ratio.len() + b) * axes.chirp_alpha.len() + c;
                        let start = (place * axes.dispersion_ratio.len() + d) * SURROGATE_WIDTH;
                        for (sum, number) in out.iter_mut().zip(&self.rows[start..start + SURROGATE_WIDTH]) {
                            *sum += weight * number;
                        }
                    }
                }
            }
        }
        out
    }
}

impl SurrogateAxes {
    /// Names and values.
    pub fn each(&self) -> [(&'static str, &[f64]); 4] {
        [
            ("extinction_ratio_db", &self.extinction_ratio_db),
            ("bandwidth_ratio", &self.bandwidth_ratio),
            ("chirp_alpha", &self.chirp_alpha),
            ("dispersion_ratio", &self.dispersion_ratio),
        ]
    }
}

/// Openings of equalized values without noise (over the outer OMA, less the average) of a known sequence of symbols, for each
/// noise of the grid, from the lowest eye up. Thresholds lie in the middle between the levels' means.
///
/// # Errors
/// [`Error::Parameter`] if there are not as many values as symbols, a symbol is above 3 or a level does not occur.
pub fn equalized_openings(symbols: &[u8], values: &[f64]) -> Result<[f64; OPENINGS_COUNT]> {
    if symbols.len() != values.len() {
        return Err(Error::parameter("values", values.len(), format!("one for each of {} symbols", symbols.len())));
    }
    let (mut sums, mut counts) = ([0.0; 4], [0usize; 4]);
    for (&symbol, value) in symbols.iter().zip(values) {
        let level = usize::from(symbol);
        if level > 3 {
            return Err(Error::parameter("symbols", symbol, "0, 1, 2 or 3"));
        }
        sums[level] += require_finite("values", *value)?;
        counts[level] += 1;
    }
    if let Some(level) = counts.iter().position(|&count| count == 0) {
        return Err(Error::parameter("symbols", format!("none of level {level}"), "symbols of all four levels"));
    }
    let means: [f64; 4] = std::array::from_fn(|level| sums[level] / counts[level] as f64);
    let thresholds: [f64; 3] = std::array::from_fn(|eye| 0.5 * (means[eye] + means[eye + 1]));
    let distances = DecisionDistances::from_thresholds(symbols, values, thresholds);
    let mut out = [0.0; OPENINGS_COUNT];
    for (index, opening) in out.iter_mut().enumerate() {
        let (eye, q) = (index / GRID.len(), GRID[index % GRID.len()]);
        *opening = opening_of(&distances, eye, 1.0 / (6.0 * q));
    }
    Ok(out)
}

/// The eye of a row of numbers; `None` where it is closed.
fn eye_of(
    row: &[f64; SURROGATE_WIDTH],
    middle: f64,
    intensity_noise_ratio: f64,
    target_ser_ratio: f64,
    target_q: f64,
) -> Option<EqualizedEye> {
    let mut openings = [[0.0; GRID.len()]; 3];
    for (place, number) in openings.iter_mut().flatten().zip(&row[1..]) {
        *place = *number;
    }
    let levels = NoiseLevels {
        power_ratio: std::array::from_fn(|level| row[1 + OPENINGS_COUNT + level]),
        square_ratio: std::array::from_fn(|level| row[5 + OPENINGS_COUNT + level]),
    };
    let mut eye = EqualizedEye {
        noise_enhancement_ratio: row[0],
        openings,
        noise_levels: Some(levels),
        ..EqualizedEye::ideal(0.0)
    };
    let own = std::array::from_fn(|level| {
        let square = middle * middle + 2.0 * middle * levels.power_ratio[level] + levels.square_ratio[level];
        intensity_noise_ratio * square.max(0.0)
    });
    eye.level_noise_ratio = eye.borne_noise_ratio([0.0; 4], target_ser_ratio, target_q)?;
    eye.bearable_ratio = eye.borne_noise_ratio(own, target_ser_ratio, target_q)?;
    eye.tdecq_db = -10.0 * eye.bearable_ratio.log10();
    (eye.tdecq_db <= TDECQ_END_DB).then_some(eye)
}

/// Four neighboring values of an axis and their weights.
#[derive(Debug, Clone, Copy)]
struct Stencil {
    first: usize,
    weights: [f64; STENCIL],
}

impl Stencil {
    /// Indices and weights that are not 0.
    fn entries(&self) -> impl Iterator<Item = (usize, f64)> {
        let first = self.first;
        self.weights.into_iter().enumerate().filter(|(_, weight)| *weight != 0.0).map(move |(k, w)| (first + k, w))
    }
}

/// Lagrange weights of the (up to) four values nearest to `at`, itself at a value of the axis alone; `None` outside the axis.
fn stencil(axis: &[f64], at: f64) -> Option<Stencil> {
    let (low, high) = (*axis.first()?, *axis.last()?);
    let slack = EDGE_RATIO * (high - low);
    if !(at >= low - slack && at <= high + slack) {
        return None;
    }
    let at = at.clamp(low, high);
    let upper = axis.partition_point(|&value| value < at).max(1);
    let first = upper.saturating_sub(STENCIL / 2).min(axis.len().saturating_sub(STENCIL));
    let nodes = &axis[first..axis.len().min(first + STENCIL)];
    let mut weights = [0.0; STENCIL];
    for (k, weight) in weights.iter_mut().enumerate().take(nodes.len()) {
        let others = nodes.iter().enumerate().filter(|(other, _)| *other != k);
        *weight = others.map(|(_, &node)| (at - node) / (nodes[k] - node)).product();
    }
    Some(Stencil { first, weights })
}

/// The values of an axis with more between them.
fn finer(axis: &[f64]) -> Vec<f64> {
    let between = axis
        .windows(2)
        .flat_map(|pair| (0..FINER).map(move |part| pair[0] + (pair[1] - pair[0]) * (part as f64 / FINER as f64)));
    between.chain(axis.last().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::EyeState;
    use crate::special::q_function;

    /// Openings that fall with dispersion, chirp, bandwidth and extinction as cubics do.
    fn opening(dispersion: f64, chirp: f64, bandwidth: f64, extinction: f64) -> f64 {
        let closed = 0.1 * dispersion * dispersion * (1.0 + 0.3 * chirp * dispersion.abs());
        1.0 / 3.0 - closed - 0.05 * (0.7 - bandwidth).powi(3) - 0.001 * extinction - 0.01 * chirp.powi(2)
    }

    fn surrogate(high: f64) -> EyeSurrogate {
        let axes = SurrogateAxes {
            dispersion_ratio: (-10..=10).map(|step| f64::from(step) * high / 10.0).collect(),
            chirp_alpha: vec![-0.5, 0.0, 0.5, 1.0],
            bandwidth_ratio: vec![0.5, 0.55, 0.6, 0.7],
            extinction_ratio_db: vec![3.0, 4.0, 6.0],
        };
        let mut rows = Vec::new();
        for &extinction in &axes.extinction_ratio_db {
            for &bandwidth in &axes.bandwidth_ratio {
                for &chirp in &axes.chirp_alpha {
                    for &dispersion in &axes.dispersion_ratio {
                        let mut row = [opening(dispersion, chirp, bandwidth, extinction); SURROGATE_WIDTH];
                        row[0] = 1.0;
                        row[1 + OPENINGS_COUNT..].copy_from_slice(&[-0.5, -0.2, 0.2, 0.5, 0.25, 0.04, 0.04, 0.25]);
                        rows.extend(row);
                    }
                }
            }
        }
        EyeSurrogate::new(4.8e-4, axes, rows).unwrap()
    }

    fn transmitter() -> Transmitter {
        Transmitter {
            symbol_rate_hz: 53.125e9,
            response: Response::BesselThomson { bandwidth_hz: 0.58 * 53.125e9 },
            extinction_ratio_db: 4.5,
            level_mismatch_ratio: 1.0,
            chirp_alpha: 0.3,
            adiabatic_chirp_hz: 0.0,
        }
    }

    #[test]
    fn between_the_values_the_eye_is_the_cubic_that_made_them() {
        let table = surrogate(0.5).tabulate(&transmitter(), 0.0, (-20e-3, 20e-3)).unwrap().unwrap();
        let per_ratio = SPEED_OF_LIGHT_M_PER_S / (1310e-9f64 * 53.125e9).powi(2);
        for ratio in [-0.5, -0.237, 0.0, 0.11, 0.4999] {
            let EyeState::Open(place) = table.at(ratio * per_ratio, 1310e-9) else { panic!("{ratio}") };
            let expected = opening(ratio, 0.3, 0.58, 4.5);
            // One opening at all noises: the eye of ideal levels, closed by so much.
            let found = table.eye(&place);
            assert!((found.bearable_ratio - 3.0 * expected).abs() < 1e-3, "{ratio}: {found:?} {expected}");
            let ser = found.symbol_error_ratio([0.05; 4]);
            assert!((ser / (1.5 * q_function(expected / 0.1)) - 1.0).abs() < 0.02);
            assert!((found.noise_levels.unwrap().square_ratio[3] - 0.25).abs() < 1e-12);
        }
    }

    #[test]
    fn outside_of_what_was_simulated_there_is_no_eye() {
        let surrogate = surrogate(0.5);
        let refused = |change: &dyn Fn(&mut Transmitter)| {
            let mut changed = transmitter();
            change(&mut changed);
            surrogate.tabulate(&changed, 0.0, (-20e-3, 20e-3)).unwrap().is_none()
        };
        assert!(!refused(&|_| ()));
        assert!(refused(&|t| t.chirp_alpha = 1.01) && refused(&|t| t.chirp_alpha = -0.51));
        assert!(refused(&|t| t.extinction_ratio_db = 2.9) && refused(&|t| t.extinction_ratio_db = 6.1));
        assert!(refused(&|t| t.response = Response::BesselThomson { bandwidth_hz: 0.49 * 53.125e9 }));
        assert!(refused(&|t| t.response = Response::Flat) && refused(&|t| t.level_mismatch_ratio = 0.9));
        assert!(surrogate.tabulate(&transmitter(), 0.0, (-60e-3, 20e-3)).unwrap().is_none());
        let table = surrogate.tabulate(&transmitter(), 0.0, (-20e-3, 20e-3)).unwrap().unwrap();
        assert!(matches!(table.at(40e-3, 1310e-9), EyeState::Outside));
    }

    #[test]
    fn an_eye_that_closes_inside_the_axis_ends_the_table() {
        let table = surrogate(2.0).tabulate(&transmitter(), 0.0, (-20e-3, 20e-3)).unwrap().unwrap();
        let EyeState::Closed { end_s_per_m } = table.at(120e-3, 1310e-9) else { panic!("open") };
        assert!((80e-3..110e-3).contains(&end_s_per_m), "{end_s_per_m}");
    }

    #[test]
    fn intensity_noise_of_the_transmitter_costs_bearable_noise_alone() {
        let quiet = surrogate(0.5).tabulate(&transmitter(), 0.0, (-20e-3, 20e-3)).unwrap().unwrap();
        let noisy = surrogate(0.5).tabulate(&transmitter(), 2e-4, (-20e-3, 20e-3)).unwrap().unwrap();
        let (EyeState::Open(a), EyeState::Open(b)) = (quiet.at(0.0, 1310e-9), noisy.at(0.0, 1310e-9)) else { panic!() };
        assert!(noisy.bearable_ratio(&b) < quiet.bearable_ratio(&a) - 1e-3);
        assert_eq!(noisy.level_noise_ratio(&b), quiet.level_noise_ratio(&a));
    }

    #[test]
    fn openings_of_ideal_levels_are_a_third() {
        let symbols: Vec<u8> = (0..64).map(|k| k % 4).collect();
        let values: Vec<f64> = symbols.iter().map(|&symbol| f64::from(symbol) / 3.0 - 0.5).collect();
        for opening in equalized_openings(&symbols, &values).unwrap() {
            assert!((opening - 1.0 / 3.0).abs() < 1e-9, "{opening}");
        }
        assert!(equalized_openings(&symbols, &values[1..]).is_err());
        assert!(equalized_openings(&[0, 1, 2], &values[..3]).is_err());
    }
}
