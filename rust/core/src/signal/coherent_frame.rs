//! DSP frames of coherent modules: where pilots, training, alignment and payload stand, and what the known symbols are.

use super::bits::random_bits;
use super::constellation::Modulation;
use super::symbols::SymbolMap;
use crate::error::{Error, Result};
use crate::rng::RandomSource;
use rustfft::num_complex::Complex64;

const POLARIZATIONS: usize = 2;
/// Signs of I and Q of the 22 symbols of the alignment word, of X and Y. W-Port Digital Specification, table 12.
const ALIGNMENT: [&str; POLARIZATIONS] = [
    "+- ++ ++ ++ +- +- -- ++ -- -+ -+ +- -- -- -+ ++ -- +- -+ ++ -- -+",
    "++ -+ -- -+ +- ++ +- +- -- +- ++ -+ -+ ++ -- ++ -- -+ +- -- +- -+",
];
/// The same of the 11 training symbols of each sub-frame, the first of which is a pilot as well. The same, table 13.
const TRAINING: [&str; POLARIZATIONS] = ["-+ ++ -+ ++ -- ++ -- -- ++ +- +-", "-- -- +- -+ -+ ++ -- -+ +- ++ +-"];
const TRAINING_SYMBOLS: usize = 11;
const ALIGNMENT_SYMBOLS: usize = 22;
/// Purpose of the random numbers of reserved symbols.
const RESERVED_PURPOSE: u32 = 0x7265_7376;

/// What a symbol of a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum SymbolRole {
    /// Carries bits.
    Payload = 0,
    /// Known, one of every so many.
    Pilot = 1,
    /// Known, at the head of each sub-frame.
    Training = 2,
    /// Known, once in a frame: says which polarization and quadrature is which.
    Alignment = 3,
    /// Random, without a meaning.
    Reserved = 4,
}

/// The plan of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FramePlan {
    /// Symbols from one pilot to the next.
    pub pilot_spacing_symbols: usize,
    /// Symbols of a sub-frame, pilots included.
    pub subframe_symbols: usize,
    /// Sub-frames of a frame.
    pub subframes_count: usize,
    /// Reserved symbols, behind the alignment word in the first sub-frame.
    pub reserved_symbols: usize,
    /// Seeds of the pilots' PRBS10, of X and Y.
    pub pilot_seeds: [u16; POLARIZATIONS],
    /// Delays whose bits the PRBS10 adds up.
    pub pilot_delays: [usize; 4],
}

impl FramePlan {
    /// 400ZR: 49 sub-frames of 3,712 symbols, a pilot every 32. Alignment word and training are those of the W-Port, whose
    /// first training symbols these pilots fit; the implementation agreement's own tables were not at hand.
    ///
    /// # References
    /// OIF-400ZR-03.0.1 as quoted by commplax; 175,616 payload symbols close with the code (119 x 10,976 bits).
    pub const OIF_400ZR: Self = Self {
        pilot_spacing_symbols: 32,
        subframe_symbols: 3712,
        subframes_count: 49,
        reserved_symbols: 76,
        pilot_seeds: [0x19E, 0x0D0],
        pilot_delays: [2, 6, 7, 10],
    };
    /// OpenZR+: 48 sub-frames of the same kind. Derived: 172,032 payload symbols, those of 84 blocks of the code, in such
    /// sub-frames give the symbol rate of the MSA, 60.138546798 GBd, to its last digit from the client rate of 400ZR.
    pub const OPENZRPLUS: Self = Self { subframes_count: 48, reserved_symbols: 74, ..Self::OIF_400ZR };
    /// OpenROADM W-Port and 800ZR: 24 sub-frames of 7,296 symbols, a pilot every 64.
    ///
    /// # References
    /// Open ROADM MSA W-Port Digital Specification, 12; OIF-800ZR-01.0 has the same frame.
    pub const W_PORT: Self = Self {
        pilot_spacing_symbols: 64,
        subframe_symbols: 7296,
        subframes_count: 24,
        reserved_symbols: 74,
        pilot_seeds: [0x34E, 0x084],
        pilot_delays: [3, 7, 9, 10],
    };

    /// The plan of a name: `oif_400zr`, `openzrplus` or `w_port`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for any other word.
    pub fn from_word(word: &str) -> Result<Self> {
        match word {
            "oif_400zr" => Ok(Self::OIF_400ZR),
            "openzrplus" => Ok(Self::OPENZRPLUS),
            "w_port" => Ok(Self::W_PORT),
            _ => Err(Error::parameter("frame", format!("'{word}'"), "'oif_400zr', 'openzrplus', 'w_port'")),
        }
    }

    /// Symbols of a frame.
    pub fn frame_symbols(&self) -> usize {
        self.subframe_symbols * self.subframes_count
    }

    /// Roles of the first `count` symbols from the start of a frame on; frames follow each other.
    ///
    /// # Algorithm
    /// Pilots stand at every `pilot_spacing_symbols`-th place of a sub-frame; the other places are filled with ten training
    /// symbols, in the first sub-frame alignment word and reserved symbols, and payload.
    pub fn roles(&self, count: usize) -> Vec<SymbolRole> {
        let mut roles = Vec::with_capacity(count);
        while roles.len() < count {
            let is_first = (roles.len() / self.subframe_symbols).is_multiple_of(self.subframes_count);
            let (mut training, mut alignment, mut reserved) =
                (TRAINING_SYMBOLS - 1, ALIGNMENT_SYMBOLS, self.reserved_symbols);
            for place in 0..self.subframe_symbols {
                roles.push(if place.is_multiple_of(self.pilot_spacing_symbols) {
                    SymbolRole::Pilot
                } else if take(&mut training) {
                    SymbolRole::Training
                } else if is_first && take(&mut alignment) {
                    SymbolRole::Alignment
                } else if is_first && take(&mut reserved) {
                    SymbolRole::Reserved
                } else {
                    SymbolRole::Payload
                });
            }
        }
        roles.truncate(count);
        roles
    }

    /// Builds the first symbols of a frame around the payload.
    ///
    /// # Algorithm
    /// 1. Known symbols lie on the four outermost points of the format, by the signs of I and Q; with 8QAM, whose outer ring
    ///    lies on the axes, an eighth of a turn back.
    /// 2. Pilots: one PRBS10 per polarization, started anew in each sub-frame, two bits a symbol.
    /// 3. Reserved symbols are such points at random.
    ///
    /// `payload` holds as many symbols per polarization as `roles` has places for.
    ///
    /// # Errors
    /// [`Error::Parameter`] if it does not.
    pub fn build(
        &self,
        modulation: Modulation,
        roles: &[SymbolRole],
        payload: [&[Complex64]; POLARIZATIONS],
        source: &RandomSource,
    ) -> Result<[Vec<Complex64>; POLARIZATIONS]> {
        let places = roles.iter().filter(|&&role| role == SymbolRole::Payload).count();
        if let Some(wrong) = payload.iter().find(|symbols| symbols.len() != places) {
            return Err(Error::parameter("payload", format!("{} symbols", wrong.len()), format!("{places} symbols")));
        }
        let outer = outer_point(modulation)?;
        let mut built = [Vec::with_capacity(roles.len()), Vec::with_capacity(roles.len())];
        for (polarization, symbols) in built.iter_mut().enumerate() {
            let pilots = self.pilot_bits(polarization);
            let reserved = random_bits(source, RESERVED_PURPOSE + polarization as u32, 2 * self.reserved_symbols);
            let mut known = KnownSymbols { training: 1, alignment: 0, reserved: 0 };
            let mut payload = payload[polarization].iter();
            for (index, role) in roles.iter().enumerate() {
                let place = index % self.subframe_symbols;
                if place == 0 {
                    known = KnownSymbols { training: 1, alignment: 0, reserved: 0 };
                }
                let signs = match role {
                    SymbolRole::Payload => {
                        symbols.extend(payload.next());
                        continue;
                    }
                    SymbolRole::Pilot => {
                        let pilot = place / self.pilot_spacing_symbols;
                        [pilots[2 * pilot], pilots[2 * pilot + 1]]
                    }
                    SymbolRole::Training => signs_at(TRAINING[polarization], &mut known.training),
                    SymbolRole::Alignment => signs_at(ALIGNMENT[polarization], &mut known.alignment),
                    SymbolRole::Reserved => {
                        known.reserved += 1;
                        [reserved[2 * known.reserved - 2], reserved[2 * known.reserved - 1]]
                    }
                };
                let turned = |sign: u8, part: f64| if sign == 1 { part } else { -part };
                let quarter = Complex64::new(turned(signs[0], 1.0), turned(signs[1], 1.0));
                symbols.push(quarter * outer);
            }
        }
        Ok(built)
    }

    /// Bits of the pilots of one sub-frame, I and Q in turn.
    fn pilot_bits(&self, polarization: usize) -> Vec<u8> {
        let seed = self.pilot_seeds[polarization];
        let mut bits: Vec<u8> = (0..10).map(|place| (seed >> place & 1) as u8).collect();
        for index in 10..2 * self.subframe_symbols.div_ceil(self.pilot_spacing_symbols) {
            bits.push(self.pilot_delays.iter().fold(0, |sum, delay| sum ^ bits[index - delay]));
        }
        bits
    }
}

struct KnownSymbols {
    training: usize,
    alignment: usize,
    reserved: usize,
}

fn take(left: &mut usize) -> bool {
    let some = *left > 0;
    *left -= usize::from(some);
    some
}

/// Signs of the symbol at an index of a table, which moves on.
fn signs_at(table: &str, index: &mut usize) -> [u8; 2] {
    let bytes = &table.as_bytes()[3 * *index..3 * *index + 2];
    *index += 1;
    [u8::from(bytes[0] == b'+'), u8::from(bytes[1] == b'+')]
}

/// By what the corner (1, 1) is multiplied to become an outermost point of a format.
fn outer_point(modulation: Modulation) -> Result<Complex64> {
    let map = SymbolMap::new(modulation)?;
    let radius = map.points().iter().map(|point| point.norm()).fold(0.0, f64::max);
    let turn = match modulation {
        Modulation::EightQam => Complex64::cis(-std::f64::consts::FRAC_PI_4),
        _ => Complex64::new(1.0, 0.0),
    };
    Ok(turn * (radius * std::f64::consts::FRAC_1_SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLANS: [(FramePlan, usize, usize); 3] = [
        (FramePlan::OIF_400ZR, 175_616, 49 * 116),
        (FramePlan::OPENZRPLUS, 172_032, 48 * 116),
        (FramePlan::W_PORT, 172_032, 2_736),
    ];

    /// Payloads close with the codes' blocks, pilots with the published counts (5,684 of 400ZR, 2,736 of the W-Port).
    #[test]
    fn frames_close() {
        for (plan, payload, pilots) in PLANS {
            let roles = plan.roles(plan.frame_symbols());
            let count = |wanted| roles.iter().filter(|&&role| role == wanted).count();
            assert_eq!(count(SymbolRole::Payload), payload);
            assert_eq!(count(SymbolRole::Pilot), pilots);
            assert_eq!(count(SymbolRole::Training), 10 * plan.subframes_count);
            assert_eq!(count(SymbolRole::Alignment), 22);
            assert_eq!(count(SymbolRole::Reserved), plan.reserved_symbols);
            let twice = plan.roles(2 * plan.frame_symbols());
            assert_eq!(twice[plan.frame_symbols()..], roles[..]);
        }
    }

    /// The seeds are chosen such that the first pilot is the first training symbol, and that pilots are balanced.
    #[test]
    fn first_pilot_is_the_first_training_symbol() {
        for (plan, ..) in PLANS {
            for (polarization, table) in TRAINING.iter().enumerate() {
                let bits = plan.pilot_bits(polarization);
                assert_eq!(bits[..2], signs_at(table, &mut 0));
                let pilots = 2 * plan.subframe_symbols / plan.pilot_spacing_symbols;
                assert_eq!(bits.len(), pilots);
                let ones: usize = bits.iter().map(|&bit| usize::from(bit)).sum();
                assert!(ones.abs_diff(pilots / 2) <= 2, "{ones} of {pilots}");
            }
        }
    }

    #[test]
    fn known_symbols_lie_on_outermost_points() {
        let source = RandomSource::new(1, 1, 1);
        for modulation in [Modulation::Qpsk, Modulation::EightQam, Modulation::SixteenQam] {
            let plan = FramePlan::OIF_400ZR;
            let roles = plan.roles(4000);
            let payload = vec![Complex64::new(0.0, 0.0); roles.iter().filter(|&&r| r == SymbolRole::Payload).count()];
            let built = plan.build(modulation, &roles, [&payload, &payload], &source).unwrap();
            let map = SymbolMap::new(modulation).unwrap();
            for symbols in &built {
                assert_eq!(symbols.len(), roles.len());
                for (symbol, role) in symbols.iter().zip(&roles) {
                    let on_a_point = map.points().iter().any(|point| (point - symbol).norm() < 1e-12);
                    assert_eq!(on_a_point, *role != SymbolRole::Payload);
                }
            }
            assert!(plan.build(modulation, &roles, [&payload[1..], &payload], &source).is_err());
        }
        assert!(FramePlan::from_word("other").is_err());
    }
}
