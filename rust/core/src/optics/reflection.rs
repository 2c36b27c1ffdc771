//! Light that reaches the receiver twice: every pair of reflections of a path sends a delayed copy.

use crate::units::from_db;

/// One reflecting point of a path, in the order that light meets them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reflector {
    /// Reflected over incident power.
    pub reflectance_ratio: f64,
    /// Loss between the transmitter and this point, its own not counted.
    pub loss_before_db: f64,
}

/// Power of each delayed copy over that of the signal: R_i R_j T^2 for each pair, T the transmission between the two.
///
/// A copy goes back from the later reflector to the earlier one and forth again, so that the way between them counts
/// twice on top of the signal's own; copies with four reflections are negligible.
///
/// # References
/// Bhatt, King and Smith, IEEE P802.3bs, January 2016 (pairs of reflections, there without the loss between them).
pub fn double_reflections(reflectors: &[Reflector]) -> Vec<f64> {
    let mut copies = Vec::with_capacity(reflectors.len() * reflectors.len().saturating_sub(1) / 2);
    for (index, first) in reflectors.iter().enumerate() {
        for second in &reflectors[index + 1..] {
            let between_db = second.loss_before_db - first.loss_before_db;
            copies.push(first.reflectance_ratio * second.reflectance_ratio * from_db(-2.0 * between_db));
        }
    }
    copies
}

/// Sums over all pairs of reflections, gathered while walking along a path: of the copies' fields and of their powers, over
/// the signal's.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReflectionSums {
    /// Sum of the square roots of the powers of the copies.
    pub fields_ratio: f64,
    /// Sum of the powers of the copies.
    pub powers_ratio: f64,
    earlier_fields: f64,
    earlier_powers: f64,
}

impl ReflectionSums {
    /// Passes a loss that lets so much of the power through.
    pub fn pass(&mut self, left_ratio: f64) {
        self.earlier_fields *= left_ratio;
        self.earlier_powers *= left_ratio * left_ratio;
    }

    /// Meets a reflecting point, which makes a pair with every earlier one.
    pub fn reflect(&mut self, reflectance_ratio: f64) {
        let field = reflectance_ratio.sqrt();
        self.fields_ratio += field * self.earlier_fields;
        self.powers_ratio += reflectance_ratio * self.earlier_powers;
        self.earlier_fields += field;
        self.earlier_powers += reflectance_ratio;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_and_the_way_between_them() {
        let at =
            |reflectance_db, loss_before_db| Reflector { reflectance_ratio: from_db(reflectance_db), loss_before_db };
        let copies = double_reflections(&[at(-26.0, 0.0), at(-35.0, 0.0), at(-26.0, 2.5)]);
        let expected = [-61.0, -57.0, -66.0];
        for (copy, level_db) in copies.iter().zip(expected) {
            assert!((copy / from_db(level_db) - 1.0).abs() < 1e-12);
        }
        assert!(double_reflections(&[at(-26.0, 0.0)]).is_empty());
        assert!(double_reflections(&[]).is_empty());
    }

    #[test]
    fn sums_of_a_walk_are_the_sums_of_the_pairs() {
        let points = [(-26.0, 0.0), (-35.0, 0.3), (-45.0, 2.0), (-31.0, 2.0), (-26.0, 4.5)];
        let mut sums = ReflectionSums::default();
        let mut place_db = 0.0;
        for (reflectance_db, loss_before_db) in points {
            sums.pass(from_db(place_db - loss_before_db));
            place_db = loss_before_db;
            sums.reflect(from_db(reflectance_db));
        }
        let copies = double_reflections(&points.map(|(reflectance_db, loss_before_db)| Reflector {
            reflectance_ratio: from_db(reflectance_db),
            loss_before_db,
        }));
        assert!((sums.powers_ratio / copies.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!((sums.fields_ratio / copies.iter().map(|copy| copy.sqrt()).sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
