//! Soft decoding of the 16 words of a row of oFEC side by side: Chase-II candidates, max-log reliabilities.

use super::bch256::{COLUMNS, NO_PAIR, PAIRS, PARITY_PLACE, WORD_BITS};
use super::ofec_geometry::{HALF, LANES, Row};
use crate::vector::{ColumnWork, vectorize};

/// Greatest reliability that the decoder keeps; the known zeros before the stream have it.
pub(crate) const RELIABILITY_MAX: i16 = 127;
/// Most places that test patterns may invert.
pub(crate) const TEST_PLACES_MAX: usize = 7;
const PATTERNS_MAX: usize = 1 << TEST_PLACES_MAX;
/// A weight above that of every candidate: 9 places of 127 at the most.
const NONE: i16 = 4096;

/// How one pass over the words decodes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoftPass {
    /// Least reliable places that test patterns invert in all combinations, 1 to 7.
    pub test_places_count: u32,
    /// Factor of what a word says of a bit before other words hear it, 0 to 1.
    pub scale_ratio: f64,
    /// Log-likelihood ratio that a word adds to a bit on which all candidates agree.
    pub confidence_log_ratio: f64,
}

/// [`SoftPass`] in the decoder's numbers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PassSteps {
    pub test_places: usize,
    /// In 1/256.
    pub scale: i16,
    pub confidence: i16,
}

/// Words of a row, place by place, and all that decoding them needs.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    /// What is known of each place.
    pub input: [[i16; LANES]; WORD_BITS],
    /// Cost of inverting each place; destroyed by decoding.
    cost: [[i16; LANES]; WORD_BITS],
    /// Weight of the lightest candidate that inverts a place; for the places of the best candidate, that does not.
    rival: [[i16; LANES]; WORD_BITS],
    /// What the words say of each place beyond the input, scaled.
    pub extrinsic: [[i16; LANES]; WORD_BITS],
}

impl Words {
    pub fn new() -> Self {
        let zeros = [[0; LANES]; WORD_BITS];
        Self { input: zeros, cost: zeros, rival: zeros, extrinsic: zeros }
    }
}

/// What decoding a lane found.
#[derive(Clone, Copy)]
struct Best {
    weight: i16,
    /// Places that the best candidate inverts.
    places: [u16; TEST_PLACES_MAX + 3],
    count: usize,
}

impl Best {
    #[inline(always)]
    fn push(&mut self, place: u16) {
        self.places[self.count] = place;
        self.count += 1;
    }
}

/// Decodes the 16 words of `input` and leaves what they add in `extrinsic`.
///
/// # Algorithm
/// 1. All words at once: syndromes, and the least reliable of the first 255 places by insertion into a sorted list.
/// 2. Word by word: the syndromes and weights of all test patterns by doubling; each syndrome names up to two more places
///    (bounded distance), the bit of parity follows. Candidates that invert a test place again come from another pattern
///    too and get a weight that never wins.
/// 3. The least weight wins; the rival of a place is the lightest candidate that differs there.
/// 4. What a word adds to a bit: the weight of the rival over that of the best candidate less the input, with the sign of
///    the best candidate; the confidence where there is no rival; nothing where there is no candidate. All times the scale.
///
/// # References
/// Chase 1972, doi 10.1109/TIT.1972.1054746; Pyndiah 1998, doi 10.1109/26.705396.
pub(crate) fn decode_words(words: &mut Words, pass: PassSteps) {
    match pass.test_places {
        1 => vectorize(DecodeWords::<1> { words, pass }),
        2 => vectorize(DecodeWords::<2> { words, pass }),
        3 => vectorize(DecodeWords::<3> { words, pass }),
        4 => vectorize(DecodeWords::<4> { words, pass }),
        5 => vectorize(DecodeWords::<5> { words, pass }),
        6 => vectorize(DecodeWords::<6> { words, pass }),
        _ => vectorize(DecodeWords::<7> { words, pass }),
    }
}

struct DecodeWords<'a, const N: usize> {
    words: &'a mut Words,
    pass: PassSteps,
}

impl<const N: usize> ColumnWork for DecodeWords<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Words { input, cost, rival, extrinsic } = self.words;
        let (syndromes, odd) = hard_syndromes(input);
        let keys = weakest_places::<N>(input);
        for place in 0..WORD_BITS {
            for lane in 0..LANES {
                cost[place][lane] = magnitude(input[place][lane]);
            }
            rival[place] = [NONE; LANES];
        }
        let mut found = [Best { weight: 0, places: [0; TEST_PLACES_MAX + 3], count: 0 }; LANES];
        for (lane, best) in found.iter_mut().enumerate() {
            *best = search_lane::<N>(cost, rival, lane, &keys, syndromes[lane], odd[lane] != 0);
        }
        let (mut weights, mut scales) = ([0i16; LANES], [0i16; LANES]);
        for lane in 0..LANES {
            weights[lane] = found[lane].weight;
            scales[lane] = if found[lane].weight < NONE { self.pass.scale } else { 0 };
        }
        for place in 0..WORD_BITS {
            for lane in 0..LANES {
                let value = input[place][lane];
                let said = said_more(magnitude(value), rival[place][lane], weights[lane], self.pass.confidence);
                let (scaled, sign) = (scale(said, scales[lane]), value >> 15);
                extrinsic[place][lane] = (scaled ^ sign) - sign;
            }
        }
        for (lane, best) in found.iter().enumerate() {
            for &place in &best.places[..best.count] {
                let place = usize::from(place) & (WORD_BITS - 1);
                let value = input[place][lane];
                let said = said_more(-magnitude(value), rival[place][lane], best.weight, self.pass.confidence);
                let scaled = scale(said, scales[lane]);
                extrinsic[place][lane] = if value < 0 { scaled } else { -scaled };
            }
        }
    }
}

/// What a candidate says of a bit, in its own direction, beyond an input that speaks for it by `for_it`.
#[inline(always)]
fn said_more(for_it: i16, rival: i16, weight: i16, confidence: i16) -> i16 {
    let lead = rival - weight - for_it;
    let sure = confidence - if for_it < 0 { for_it } else { 0 };
    let said = if rival < NONE { lead } else { sure };
    said.clamp(-RELIABILITY_MAX, RELIABILITY_MAX)
}

/// Absolute value of what is never the least number.
#[inline(always)]
fn magnitude(value: i16) -> i16 {
    value.max(-value)
}

/// Product with a factor in 1/256, rounded.
#[inline(always)]
fn scale(value: i16, factor: i16) -> i16 {
    (value * factor + 128) >> 8
}

/// Syndromes and parities of the signs.
#[inline(always)]
fn hard_syndromes(input: &[[i16; LANES]; WORD_BITS]) -> ([u16; LANES], [u16; LANES]) {
    let (mut syndromes, mut odd) = ([0u16; LANES], [0u16; LANES]);
    for place in 0..WORD_BITS {
        for lane in 0..LANES {
            let sign = (input[place][lane] >> 15) as u16;
            syndromes[lane] ^= sign & COLUMNS[place];
            odd[lane] ^= sign;
        }
    }
    (syndromes, odd)
}

/// The least reliable of the first 255 places of each word, the least first: reliability and place in one number.
#[inline(always)]
fn weakest_places<const N: usize>(input: &[[i16; LANES]; WORD_BITS]) -> [[i16; LANES]; TEST_PLACES_MAX] {
    let mut list = [[i16::MAX; LANES]; N];
    for (place, values) in input.iter().enumerate().take(PARITY_PLACE) {
        let mut key = [0i16; LANES];
        for lane in 0..LANES {
            key[lane] = magnitude(values[lane]) << 8 | place as i16;
        }
        for entry in &mut list {
            for lane in 0..LANES {
                let (low, high) = (entry[lane].min(key[lane]), entry[lane].max(key[lane]));
                entry[lane] = low;
                key[lane] = high;
            }
        }
    }
    let mut keys = [[i16::MAX; LANES]; TEST_PLACES_MAX];
    keys[..N].copy_from_slice(&list);
    keys
}

/// Test patterns of one word: entry p is the pattern that inverts the weak places whose bits p has.
struct Patterns {
    /// Weight of the candidate.
    weights: [i16; PATTERNS_MAX],
    /// Places that its syndrome names.
    pairs: [u16; PATTERNS_MAX],
    /// 1 where the bit of parity is inverted.
    parities: [i16; PATTERNS_MAX],
}

/// The candidates without the cost of the places that their syndromes name.
#[inline(always)]
fn make_patterns<const N: usize>(weakest: &[i16; N], syndrome: u16, odd: bool, parity_cost: i16) -> Patterns {
    let mut syndromes = [0u16; PATTERNS_MAX];
    let mut out = Patterns { weights: [0; PATTERNS_MAX], pairs: [0; PATTERNS_MAX], parities: [0; PATTERNS_MAX] };
    syndromes[0] = syndrome;
    out.parities[0] = i16::from(odd);
    for (test, &key) in weakest.iter().enumerate() {
        let (column, weight) = (COLUMNS[(key & 0xFF) as usize], key >> 8);
        let half = 1 << test;
        for p in 0..half {
            syndromes[p + half] = syndromes[p] ^ column;
            out.weights[p + half] = out.weights[p] + weight;
            out.parities[p + half] = out.parities[p] ^ 1;
        }
    }
    for p in 0..1 << N {
        out.pairs[p] = PAIRS[usize::from(syndromes[p])];
    }
    for p in 0..1 << N {
        let pair = out.pairs[p];
        // One named place, and only then, makes the second one that of the parity and the first one another.
        let single = i16::from(pair >= 0xFF00) & i16::from(pair != 0xFFFF);
        let inverted = out.parities[p] ^ single;
        out.parities[p] = inverted;
        out.weights[p] += (parity_cost & -inverted) + if pair == NO_PAIR { 2 * NONE } else { 0 };
    }
    out
}

/// Tries all test patterns of one word.
#[inline(always)]
fn search_lane<const N: usize>(
    cost: &mut [[i16; LANES]; WORD_BITS],
    rival: &mut [[i16; LANES]; WORD_BITS],
    lane: usize,
    keys: &[[i16; LANES]; TEST_PLACES_MAX],
    syndrome: u16,
    odd: bool,
) -> Best {
    let lane = lane & (LANES - 1);
    let mut weakest = [0i16; N];
    for test in 0..N {
        weakest[test] = keys[test][lane];
        cost[(weakest[test] & 0xFF) as usize][lane] = NONE;
    }
    let mut patterns = make_patterns(&weakest, syndrome, odd, cost[PARITY_PLACE][lane]);
    cost[PARITY_PLACE][lane] = 0;
    let (mut kept, mut kept_count) = ([0u8; PATTERNS_MAX], 0u8);
    for p in 0..1 << N {
        kept[usize::from(kept_count)] = p as u8;
        kept_count = kept_count.wrapping_add(u8::from(patterns.weights[p] < 2 * NONE));
    }
    for &p in &kept[..usize::from(kept_count)] {
        let p = usize::from(p) & ((1 << N) - 1);
        let pair = patterns.pairs[p];
        let (first, second) = (usize::from(pair & 0xFF), usize::from(pair >> 8));
        let weight = patterns.weights[p] + cost[first][lane] + cost[second][lane];
        patterns.weights[p] = weight;
        rival[first][lane] = rival[first][lane].min(weight);
        rival[second][lane] = rival[second][lane].min(weight);
    }
    choose::<N>(rival, lane, &weakest, &patterns)
}

/// The lightest candidate, and the rivals of the places that it inverts.
#[inline(always)]
fn choose<const N: usize>(
    rival: &mut [[i16; LANES]; WORD_BITS],
    lane: usize,
    weakest: &[i16; N],
    patterns: &Patterns,
) -> Best {
    let Patterns { weights, pairs, parities } = patterns;
    let mut least = i16::MAX;
    let mut parity_rivals = [NONE; 2];
    for p in 0..1 << N {
        let weight = weights[p];
        least = least.min(weight);
        parity_rivals[0] = parity_rivals[0].min(if parities[p] == 0 { weight } else { NONE });
        parity_rivals[1] = parity_rivals[1].min(if parities[p] == 1 { weight } else { NONE });
    }
    let mut best = Best { weight: least, places: [0; TEST_PLACES_MAX + 3], count: 0 };
    if least >= NONE {
        return best;
    }
    let mut winner = 0;
    while winner + 1 < 1 << N && weights[winner] != least {
        winner += 1;
    }
    for (test, &key) in weakest.iter().enumerate() {
        let place = key & 0xFF;
        rival[place as usize][lane] = test_rival::<N>(weights, test, winner >> test & 1);
        if winner >> test & 1 == 1 {
            best.push(place as u16);
        }
    }
    for place in [pairs[winner] & 0xFF, pairs[winner] >> 8] {
        if usize::from(place) != PARITY_PLACE {
            let mut other = NONE;
            for p in 0..1 << N {
                let named = pairs[p] & 0xFF == place || pairs[p] >> 8 == place;
                other = other.min(if named { NONE } else { weights[p] });
            }
            rival[usize::from(place)][lane] = other;
            best.push(place);
        }
    }
    let inverted = (parities[winner] & 1) as usize;
    rival[PARITY_PLACE][lane] = parity_rivals[1 - inverted];
    if inverted == 1 {
        best.push(PARITY_PLACE as u16);
    }
    best
}

/// Least weight of the patterns whose bit `test` is not `bit`.
#[inline(always)]
fn test_rival<const N: usize>(weights: &[i16; PATTERNS_MAX], test: usize, bit: usize) -> i16 {
    let mut least = NONE;
    for (p, &weight) in weights.iter().enumerate().take(1 << N) {
        least = least.min(if (p >> test & 1) == bit { NONE } else { weight });
    }
    least
}

/// A row of the sliding window.
#[derive(Debug, Clone)]
pub(crate) struct SoftRow {
    /// From the channel.
    pub channel: Row<i16>,
    /// What the words say whose back half the row is.
    pub by_back: Row<i16>,
    /// What the words say that have a bit in their front half.
    pub by_front: Row<i16>,
}

impl SoftRow {
    pub fn new() -> Self {
        let zeros = [[0; LANES]; HALF];
        Self { channel: zeros, by_back: zeros, by_front: zeros }
    }
}
