//! Polarization-mode dispersion between the split steps: where waveplates cut a fiber, and what each cut does.

use super::Waveplates;
use super::split_step::FieldSampling;
use crate::error::{Error, Result};
use crate::signal::bin_frequency_hz;
use crate::wide::{Line, Real, Wide};
use rayon::prelude::*;
use rustfft::num_complex::Complex64;
use std::ops::Range;

/// Waveplates spread over a fiber.
///
/// The fiber has `places_count` equal pieces; as many of the sections as each has its share of act in its middle, and steps end
/// there. What happens between two places sees the polarization that the first has left.
#[derive(Debug, Clone, PartialEq)]
pub struct Birefringence {
    /// All sections, in the order in which light meets them.
    pub plates: Waveplates,
    /// Places at which they act.
    pub places_count: usize,
}

/// A fiber cut where its waveplates act, in the direction of the integrator.
pub(super) struct Cuts<'a> {
    length_m: f64,
    birefringence: Option<&'a Birefringence>,
    backward: bool,
    sample_rate_hz: f64,
    samples_count: usize,
}

/// What a cut does to both polarizations at a bin of the spectrum.
pub(super) type Turn<'a> = &'a (dyn Fn(usize, Complex64, Complex64) -> (Complex64, Complex64) + Sync);

impl<'a> Cuts<'a> {
    /// The cuts of a fiber; none without birefringence.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the field has one polarization, the plates' delay is not finite, or there are no places or more than
    /// plates.
    pub(super) fn new(
        birefringence: Option<&'a Birefringence>,
        length_m: f64,
        sampling: &FieldSampling,
        samples_count: usize,
        backward: bool,
    ) -> Result<Self> {
        if let Some(Birefringence { plates, places_count }) = birefringence {
            let most = plates.rotations.len();
            if sampling.polarizations_count != 2 {
                return Err(Error::parameter("field", "1 row", "2 polarizations, for the fiber has waveplates"));
            }
            if !(1..=most).contains(places_count) {
                let allowed = format!("1 to {most}, the number of the sections");
                return Err(Error::parameter("places_count", *places_count, allowed));
            }
            if !plates.delay_s.is_finite() {
                return Err(Error::parameter("delay_s", plates.delay_s, "a finite number"));
            }
        }
        Ok(Self { length_m, birefringence, backward, sample_rate_hz: sampling.sample_rate_hz, samples_count })
    }

    /// Number of cuts.
    pub(super) fn count(&self) -> usize {
        self.birefringence.map_or(0, |found| found.places_count)
    }

    /// Distance between two cuts, or the whole fiber.
    pub(super) fn piece_m(&self) -> f64 {
        self.length_m / self.count().max(1) as f64
    }

    /// Where the stretch behind a number of cuts ends: at the next one, or at the end of the fiber.
    pub(super) fn end_m(&self, behind: usize) -> f64 {
        if behind < self.count() { (behind as f64 + 0.5) * self.piece_m() } else { self.length_m }
    }

    /// Both polarizations at a bin of the spectrum behind a cut.
    pub(super) fn turn(&self, cut: usize, bin: usize, x: Complex64, y: Complex64) -> (Complex64, Complex64) {
        let Some(Birefringence { plates, places_count }) = self.birefringence else { return (x, y) };
        let offset_hz = bin_frequency_hz(bin, self.samples_count, self.sample_rate_hz);
        let sections = |place: usize| sections_of(plates.rotations.len(), *places_count, place);
        if self.backward {
            plates.undo(sections(places_count - 1 - cut), x, y, offset_hz)
        } else {
            plates.transmit(sections(cut), x, y, offset_hz)
        }
    }
}

/// The sections that act at a place.
fn sections_of(sections_count: usize, places_count: usize, place: usize) -> Range<usize> {
    place * sections_count / places_count..(place + 1) * sections_count / places_count
}

/// Turns the spectra of both polarizations that lie in blocks of lines; `bin_of` tells the bin of a lane by block, line and lane.
pub(super) fn turn_lines<W: Wide>(
    spectrum: &mut [Vec<Line<W::Cell>>],
    rows: usize,
    turn: Turn<'_>,
    bin_of: impl Fn(usize, usize, usize) -> usize + Sync,
) {
    let [first, second] = spectrum else { return };
    let stride = rows + W::LANES;
    let blocks = first.par_chunks_exact_mut(stride).zip(second.par_chunks_exact_mut(stride)).enumerate();
    blocks.for_each(|(block, (x, y))| {
        for (row, (x, y)) in x[..rows].iter_mut().zip(&mut y[..rows]).enumerate() {
            for lane in 0..W::LANES {
                let at = |line: &Line<W::Cell>| {
                    Complex64::new(line.re.as_ref()[lane].as_f64(), line.im.as_ref()[lane].as_f64())
                };
                let (turned_x, turned_y) = turn(bin_of(block, row, lane), at(x), at(y));
                for (line, value) in [(&mut *x, turned_x), (&mut *y, turned_y)] {
                    line.re.as_mut()[lane] = W::Real::nearest(value.re);
                    line.im.as_mut()[lane] = W::Real::nearest(value.im);
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fiber::Precision;
    use crate::rng::RandomSource;

    fn sampling(polarizations_count: usize) -> FieldSampling {
        FieldSampling { sample_rate_hz: 1e11, polarizations_count, precision: Precision::Double }
    }

    #[test]
    fn every_section_acts_once_in_order() {
        for (sections, places) in [(60, 1), (60, 7), (13, 13), (5, 2)] {
            let all: Vec<usize> = (0..places).flat_map(|place| sections_of(sections, places, place)).collect();
            assert_eq!(all, (0..sections).collect::<Vec<_>>());
        }
    }

    #[test]
    fn places_lie_in_the_middle_of_equal_pieces() {
        let plates = Waveplates::draw(1e-12, 8, &RandomSource::new(1, 0, 0)).unwrap();
        let birefringence = Birefringence { plates, places_count: 4 };
        let cuts = Cuts::new(Some(&birefringence), 80e3, &sampling(2), 16, false).unwrap();
        assert_eq!((0..=4).map(|k| cuts.end_m(k)).collect::<Vec<_>>(), [10e3, 30e3, 50e3, 70e3, 80e3]);
        let whole = Cuts::new(None, 80e3, &sampling(1), 16, false).unwrap();
        assert_eq!((whole.count(), whole.end_m(0), whole.piece_m()), (0, 80e3, 80e3));
    }

    #[test]
    fn nonsense_is_refused() {
        let plates = Waveplates::draw(1e-12, 8, &RandomSource::new(1, 0, 0)).unwrap();
        let of = |places_count, rows| {
            let birefringence = Birefringence { plates: plates.clone(), places_count };
            Cuts::new(Some(&birefringence), 80e3, &sampling(rows), 16, false).is_ok()
        };
        assert_eq!([of(8, 2), of(9, 2), of(0, 2), of(1, 1)], [true, false, false, false]);
    }
}
