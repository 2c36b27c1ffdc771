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
}
