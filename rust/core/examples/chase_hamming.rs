//! Monte Carlo of the inner code Hamming(128,120) behind PAM4: the program of the catalog's table.
//!
//! Run with `cargo run --release -p lightlane-core --example chase_hamming -- WORDS LEAST_RELIABLE BER...`. Each line is
//! pre-FEC BER, measured pre-FEC BER, ratio of 10-bit outer symbols left in error, their count, wrong bits of ten in such
//! a symbol, and the union bound.
//!
//! Gray PAM4 (00, 01, 11, 10 from the lowest level), two consecutive bits of the word a symbol, white Gaussian noise,
//! max-log reliabilities; Chase-II: every pattern of flips of the least reliable bits, each then decoded with hard
//! decisions (one error corrected, two detected and discarded), the codeword with the least sum of reliabilities against
//! the hard decisions wins; without any codeword the hard decisions stay.

use lightlane_core::fec::{HAMMING_BITS, hamming_information_positions, hamming_soft_symbol_error_bound};
use lightlane_core::special::inverse_q_function;
use rayon::prelude::*;

/// Words that share a seed.
const BATCH: u64 = 10_000;

/// SplitMix64: a small generator, seeded apart for each batch.
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Two independent normal numbers (Box-Muller).
    fn normals(&mut self) -> (f64, f64) {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        (radius * cosine, radius * sine)
    }
}

/// Reliabilities (positive: bit 0) of both bits of a PAM4 symbol received at `y`, levels -3, -1, 1, 3, unit slope.
fn reliabilities(y: f64) -> (f64, f64) {
    let d = [y + 3.0, y + 1.0, y - 1.0, y - 3.0].map(|e| e * e);
    (d[2].min(d[3]) - d[0].min(d[1]), d[1].min(d[2]) - d[0].min(d[3]))
}

/// What is left of one received word: wrong bits after decoding, as positions.
fn decode(metric: &[f64; HAMMING_BITS], sent: &[bool; HAMMING_BITS], least_reliable: usize) -> Vec<usize> {
    let hard = metric.map(|value| value < 0.0);
    let mut order: Vec<usize> = (0..HAMMING_BITS).collect();
    order.select_nth_unstable_by(least_reliable, |&a, &b| metric[a].abs().total_cmp(&metric[b].abs()));
    let weak = &order[..least_reliable];
    let mut syndrome = 0;
    let mut odd = false;
    for (index, bit) in hard.iter().enumerate() {
        if *bit {
            syndrome ^= index;
            odd = !odd;
        }
    }
    let mut best: Option<(f64, usize, Option<usize>)> = None;
    for pattern in 0..1usize << least_reliable {
        let flipped = weak.iter().enumerate().filter(|(k, _)| pattern >> k & 1 == 1).map(|(_, &index)| index);
        let (mut here, mut parity, mut weight) = (syndrome, odd, 0.0);
        for index in flipped.clone() {
            here ^= index;
            parity = !parity;
            weight += metric[index].abs();
        }
        let correction = match (parity, here) {
            (false, 0) => None,
            (false, _) => continue,
            (true, index) => Some(index),
        };
        if let Some(index) = correction {
            // A correction of a flipped bit takes its flip back.
            weight += if flipped.clone().any(|other| other == index) { -1.0 } else { 1.0 } * metric[index].abs();
        }
        if best.as_ref().is_none_or(|(least, _, _)| weight < *least) {
            best = Some((weight, pattern, correction));
        }
    }
    let mut decided = hard;
    if let Some((_, pattern, correction)) = best {
        for (k, &index) in weak.iter().enumerate() {
            decided[index] ^= pattern >> k & 1 == 1;
        }
        if let Some(index) = correction {
            decided[index] ^= true;
        }
    }
    (0..HAMMING_BITS).filter(|&index| decided[index] != sent[index]).collect()
}

#[derive(Default, Clone, Copy)]
struct Counts {
    raw_bits: u64,
    symbols: u64,
    bits: u64,
}

fn batch(seed: u64, words: u64, sigma: f64, least_reliable: usize) -> Counts {
    let mut generator = Generator(seed);
    let information = hamming_information_positions();
    let mut counts = Counts::default();
    for _ in 0..words {
        let mut sent = [false; HAMMING_BITS];
        let (mut syndrome, mut odd) = (0usize, false);
        for chunk in information.chunks(60) {
            let random = generator.next();
            for (k, &point) in chunk.iter().enumerate() {
                if random >> k & 1 == 1 {
                    sent[usize::from(point)] = true;
                    syndrome ^= usize::from(point);
                    odd = !odd;
                }
            }
        }
        for k in 0..7 {
            if syndrome >> k & 1 == 1 {
                sent[1 << k] = true;
                odd = !odd;
            }
        }
        sent[0] = odd;
        let mut metric = [0.0; HAMMING_BITS];
        for pair in (0..HAMMING_BITS).step_by(4) {
            let (first, second) = generator.normals();
            for (start, noise) in [(pair, first), (pair + 2, second)] {
                let level = match (sent[start], sent[start + 1]) {
                    (false, false) => -3.0,
                    (false, true) => -1.0,
                    (true, true) => 1.0,
                    (true, false) => 3.0,
                };
                (metric[start], metric[start + 1]) = reliabilities(level + sigma * noise);
            }
        }
        counts.raw_bits += (0..HAMMING_BITS).filter(|&i| (metric[i] < 0.0) != sent[i]).count() as u64;
        let wrong = decode(&metric, &sent, least_reliable);
        if wrong.is_empty() {
            continue;
        }
        for symbol in information.chunks_exact(10) {
            let bits = symbol.iter().filter(|&&point| wrong.contains(&usize::from(point))).count() as u64;
            counts.symbols += u64::from(bits > 0);
            counts.bits += bits;
        }
    }
    counts
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [words, least_reliable, bers @ ..] = arguments.as_slice() else {
        return Err("usage: chase_hamming WORDS LEAST_RELIABLE BER...".into());
    };
    let (words, least_reliable): (u64, usize) = (words.parse()?, least_reliable.parse()?);
    for ber in bers {
        let ber: f64 = ber.parse()?;
        // Gray PAM4: BER = SER/2 = 3/4 Q(1/sigma).
        let sigma = 1.0 / inverse_q_function(ber / 0.75)?;
        let total = (0..words.div_ceil(BATCH))
            .into_par_iter()
            .map(|index| batch(ber.to_bits() ^ index.wrapping_mul(0xD1B5_4A32_D192_ED03), BATCH, sigma, least_reliable))
            .reduce(Counts::default, |a, b| Counts {
                raw_bits: a.raw_bits + b.raw_bits,
                symbols: a.symbols + b.symbols,
                bits: a.bits + b.bits,
            });
        let sent = (words.div_ceil(BATCH) * BATCH) as f64;
        println!(
            "{ber:.4e} {:.4e} {:.4e} {} {:.3} {:.3e}",
            total.raw_bits as f64 / (sent * HAMMING_BITS as f64),
            total.symbols as f64 / (12.0 * sent),
            total.symbols,
            total.bits as f64 / total.symbols.max(1) as f64,
            hamming_soft_symbol_error_bound(ber)
        );
    }
    Ok(())
}
