//! Decisions on equalized PAM4: slicing with fed back decisions, and the likeliest sequence.

use crate::error::{Error, Result, require_finite};

/// Levels of a lane and what the symbol before adds to each value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pam4Slicer {
    /// Values of the symbols 0 to 3, rising.
    pub level_ratio: [f64; 4],
    /// Thresholds between them, rising.
    pub threshold_ratio: [f64; 3],
    /// Weight with which the symbol before is in a value: what decision feedback takes off.
    pub feedback_ratio: f64,
}

impl Pam4Slicer {
    /// Checks levels and thresholds.
    ///
    /// # Errors
    /// [`Error::Parameter`] if they do not rise or the feedback is not finite.
    pub fn validate(&self) -> Result<()> {
        require_finite("feedback_ratio", self.feedback_ratio)?;
        let rising = |values: &[f64]| values.windows(2).all(|pair| pair[0] < pair[1]);
        if !rising(&self.level_ratio) {
            return Err(Error::parameter("levels", format!("{:?}", self.level_ratio), "four numbers that rise"));
        }
        if !rising(&self.threshold_ratio) {
            return Err(Error::parameter(
                "thresholds",
                format!("{:?}", self.threshold_ratio),
                "three numbers that rise",
            ));
        }
        Ok(())
    }

    fn slice(&self, value: f64) -> u8 {
        self.threshold_ratio.iter().map(|&threshold| u8::from(value > threshold)).sum()
    }

    /// Symbols by slicing each value less what the decision before it adds; `before` is the symbol before the first.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the slicer is not valid or `before` is above 3.
    pub fn decide(&self, values: &[f64], before: u8) -> Result<Vec<u8>> {
        self.validate()?;
        let mut previous = self.level(before)?;
        Ok(values
            .iter()
            .map(|value| {
                let symbol = self.slice(value - self.feedback_ratio * previous);
                previous = self.level_ratio[usize::from(symbol)];
                symbol
            })
            .collect())
    }

    /// The sequence of symbols whose levels, each with its share of the one before, lie next to the values in least squares.
    ///
    /// # Algorithm
    /// Viterbi over four states, one for each symbol before; the path metric stays small by taking the least off.
    /// Cost: 16 squares a symbol and one byte of memory for each state.
    ///
    /// # Errors
    /// As [`Pam4Slicer::decide`].
    ///
    /// # References
    /// Forney 1972, doi 10.1109/TIT.1972.1054829.
    pub fn decide_sequence(&self, values: &[f64], before: u8) -> Result<Vec<u8>> {
        self.validate()?;
        self.level(before)?;
        let mut metric = [f64::INFINITY; 4];
        metric[usize::from(before)] = 0.0;
        let expected: [[f64; 4]; 4] = std::array::from_fn(|symbol| {
            std::array::from_fn(|last| self.level_ratio[symbol] + self.feedback_ratio * self.level_ratio[last])
        });
        let mut came_from = vec![[0u8; 4]; values.len()];
        for (value, origins) in values.iter().zip(&mut came_from) {
            let mut next = [f64::INFINITY; 4];
            for symbol in 0..4 {
                for last in 0..4 {
                    let candidate = metric[last] + (value - expected[symbol][last]).powi(2);
                    if candidate < next[symbol] {
                        next[symbol] = candidate;
                        origins[symbol] = last as u8;
                    }
                }
            }
            let least = next.iter().fold(f64::INFINITY, |least, &value| least.min(value));
            metric = next.map(|value| value - least);
        }
        let mut state = (0..4).min_by(|&a, &b| metric[a].total_cmp(&metric[b])).unwrap_or(0);
        let mut symbols = vec![0u8; values.len()];
        for (symbol, origins) in symbols.iter_mut().zip(&came_from).rev() {
            *symbol = state as u8;
            state = usize::from(origins[state]);
        }
        Ok(symbols)
    }

    fn level(&self, symbol: u8) -> Result<f64> {
        let level = self.level_ratio.get(usize::from(symbol)).copied();
        level.ok_or_else(|| Error::parameter("symbol before the first", symbol, "0, 1, 2 or 3"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::RandomSource;
    use crate::signal::{normals, random_bits};

    fn symbols(count: usize) -> Vec<u8> {
        let bits = random_bits(&RandomSource::new(1, 2, 3), 4, 2 * count);
        bits.chunks_exact(2).map(|pair| 2 * pair[0] + pair[1]).collect()
    }

    fn received(sent: &[u8], slicer: &Pam4Slicer, sigma: f64) -> Vec<f64> {
        let noise = normals(&RandomSource::new(5, 6, 7), 8, sent.len());
        (0..sent.len())
            .map(|k| {
                let last = if k == 0 { 0 } else { sent[k - 1] };
                let level = |symbol: u8| slicer.level_ratio[usize::from(symbol)];
                level(sent[k]) + slicer.feedback_ratio * level(last) + sigma * noise[k]
            })
            .collect()
    }

    const SLICER: Pam4Slicer =
        Pam4Slicer { level_ratio: [-3.0, -1.0, 1.0, 3.0], threshold_ratio: [-2.0, 0.0, 2.0], feedback_ratio: 0.5 };

    #[test]
    fn feedback_undoes_the_symbol_before_and_the_sequence_bears_more_noise() {
        let sent = symbols(20_000);
        let quiet = received(&sent, &SLICER, 0.0);
        assert_eq!(SLICER.decide(&quiet, 0).unwrap(), sent);
        assert_eq!(SLICER.decide_sequence(&quiet, 0).unwrap(), sent);
        let noisy = received(&sent, &SLICER, 0.45);
        let errors = |found: &[u8]| found.iter().zip(&sent).filter(|(a, b)| a != b).count();
        let fed_back = errors(&SLICER.decide(&noisy, 0).unwrap());
        let sequence = errors(&SLICER.decide_sequence(&noisy, 0).unwrap());
        assert!(fed_back > 200 && sequence * 3 < fed_back * 2, "{fed_back} {sequence}");
        // Without memory both are the plain slicer: SER = 3/2 Q(1/sigma).
        let plain = Pam4Slicer { feedback_ratio: 0.0, ..SLICER };
        let noisy = received(&sent, &plain, 0.5);
        let expected = 1.5 * crate::special::q_function(2.0) * 20_000.0;
        let found = plain.decide(&noisy, 0).unwrap();
        assert!((errors(&found) as f64 - expected).abs() < 4.0 * expected.sqrt());
        assert_eq!(plain.decide_sequence(&noisy, 0).unwrap(), found);
    }

    #[test]
    fn refusals() {
        assert!(SLICER.decide(&[0.0], 4).is_err());
        assert!(Pam4Slicer { level_ratio: [0.0, 0.0, 1.0, 2.0], ..SLICER }.decide(&[0.0], 0).is_err());
        assert!(Pam4Slicer { threshold_ratio: [0.0, -1.0, 1.0], ..SLICER }.decide_sequence(&[0.0], 0).is_err());
        assert!(Pam4Slicer { feedback_ratio: f64::NAN, ..SLICER }.decide(&[0.0], 0).is_err());
        assert!(SLICER.decide(&[], 0).unwrap().is_empty());
    }
}
