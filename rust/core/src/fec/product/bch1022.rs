//! The component code of the staircase code of G.709.2: BCH(1022,990) over GF(2^10) that corrects three errors, with two checks
//! that tell more errors from three.

use crate::error::{Error, Result};

/// Bits of a word: 512 of the block before and a row of 510.
pub(crate) const WORD_BITS: usize = 1022;
/// Bits of the first part.
pub(crate) const LEFT: usize = 512;
/// Check bits at the end.
pub(crate) const CHECKS: usize = 32;
/// x^10+x^3+1.
const FIELD_POLYNOMIAL: u32 = 0x409;
/// Marks a field element that stands for no place.
const NO_PLACE: u16 = u16::MAX;

/// Tables of the code.
#[derive(Debug, Clone)]
pub(crate) struct Bch1022 {
    /// Syndrome of an error at each place: powers 1, 3 and 5 of its element in 10 bits each, then F and its complement.
    pub columns: Vec<u32>,
    /// Check bits that each place adds, the first check bit in bit 0.
    pub parity: Vec<u32>,
    place_of: Vec<u16>,
    exponentials: Vec<u16>,
    logarithms: Vec<u16>,
    /// A root of y^2 + y = index, 0 if there is none.
    halves: Vec<u16>,
    /// The three roots of z^3 + z = index, if there are three.
    cubics: Vec<Option<[u16; 3]>>,
    /// The three roots of y^3 = index, if there are three.
    cubes: Vec<Option<[u16; 3]>>,
}

/// The check F of the three lowest bits of an element.
fn extra_check(element: u16) -> u32 {
    let (b0, b1, b2) = (element & 1 != 0, element >> 1 & 1 != 0, element >> 2 & 1 != 0);
    u32::from(if b2 { !b1 && !b0 } else { b1 || b0 })
}

/// Element of each place of a word: 1021 and 1022, then 1 to 510, then the row of the block.
fn element_of(place: usize) -> u16 {
    let number = match place {
        0 | 1 => 1021 + place,
        2..LEFT => place - 1,
        _ => 511 + inverse_permutation(place - LEFT),
    };
    number as u16
}

/// The column of the block before that belongs to row `index + 2` of a block.
///
/// A stand-in: the permutation of G.709.2, table A.2, is not public. Independent errors cannot tell one from another; the
/// check bits of a word determine each other under this one (numbers in their order would not: 32 neighbors depend on each other).
pub(crate) fn permutation(index: usize) -> usize {
    (index + 510 - 19) * 377 % 510
}

/// Inverse of [`permutation`].
pub(crate) fn inverse_permutation(column: usize) -> usize {
    (column * 23 + 19) % 510
}

impl Bch1022 {
    /// Makes the tables.
    ///
    /// # Algorithm
    /// The elements of the places are their numbers as polynomials; the checks of a place solve 32 equations.
    ///
    /// # Errors
    /// [`Error::Model`] if the check bits do not determine each other, which no code of this kind does.
    ///
    /// # References
    /// ITU-T G.709.2 (2018), A.6 and A.7.
    pub fn new() -> Result<Self> {
        let (mut exponentials, mut logarithms) = (vec![0u16; 2046], vec![0u16; 1024]);
        let mut value = 1u32;
        for k in 0..1023 {
            exponentials[k] = value as u16;
            exponentials[k + 1023] = value as u16;
            logarithms[value as usize] = k as u16;
            value <<= 1;
            if value & 0x400 != 0 {
                value ^= FIELD_POLYNOMIAL;
            }
        }
        let mut code = Self {
            columns: Vec::new(),
            parity: Vec::new(),
            place_of: vec![NO_PLACE; 1024],
            exponentials,
            logarithms,
            halves: vec![0; 1024],
            cubics: vec![None; 1024],
            cubes: vec![None; 1024],
        };
        code.solve_small_equations();
        for place in 0..WORD_BITS {
            let element = element_of(place);
            code.place_of[usize::from(element)] = place as u16;
            code.columns.push(code.column(element));
        }
        code.parity = parity_columns(&code.columns)?;
        Ok(code)
    }

    fn solve_small_equations(&mut self) {
        let (mut cubics, mut cubes) = (vec![Vec::new(); 1024], vec![Vec::new(); 1024]);
        for y in 0..1024u16 {
            let square = self.product(y, y);
            self.halves[usize::from(square ^ y)] = y.max(y ^ 1);
            let cube = self.product(square, y);
            cubics[usize::from(cube ^ y)].push(y);
            cubes[usize::from(cube)].push(y);
        }
        let three = |roots: &Vec<u16>| <[u16; 3]>::try_from(roots.as_slice()).ok();
        self.halves[0] = 0;
        self.cubics = cubics.iter().map(three).collect();
        self.cubes = cubes.iter().map(three).collect();
    }

    fn column(&self, element: u16) -> u32 {
        let square = self.product(element, element);
        let third = self.product(square, element);
        let fifth = self.product(third, square);
        let check = extra_check(element);
        u32::from(element) | u32::from(third) << 10 | u32::from(fifth) << 20 | check << 30 | (1 - check) << 31
    }

    fn product(&self, a: u16, b: u16) -> u16 {
        if a == 0 || b == 0 {
            return 0;
        }
        self.exponentials[usize::from(self.logarithms[usize::from(a)] + self.logarithms[usize::from(b)])]
    }

    /// a/b for b other than 0.
    fn quotient(&self, a: u16, b: u16) -> u16 {
        if a == 0 {
            return 0;
        }
        self.exponentials[usize::from(self.logarithms[usize::from(a)] + 1023 - self.logarithms[usize::from(b)])]
    }

    /// The places of up to three errors with a syndrome, and their number.
    ///
    /// # Algorithm
    /// 1. The two checks add to the parity of the number of errors.
    /// 2. Odd: one error if the powers fit its element; else the cubic of three, brought to z^3 + z = k or y^3 = k and looked up.
    ///    Even: none, or the quadratic of two, brought to y^2 + y = k and looked up.
    /// 3. The elements must stand for places, and give the syndrome with all its checks.
    ///
    /// # References
    /// Peterson 1960, doi 10.1109/TIT.1960.1057586 (the equations for the elements).
    pub fn locate(&self, syndrome: u32) -> Option<([u16; 3], usize)> {
        if syndrome == 0 {
            return Some(([0; 3], 0));
        }
        let [s1, s3, s5] = [0, 10, 20].map(|shift| (syndrome >> shift & 0x3FF) as u16);
        let odd = (syndrome >> 30 ^ syndrome >> 31) & 1 == 1;
        let square = self.product(s1, s1);
        let third = self.product(square, s1);
        let excess = third ^ s3;
        let (elements, count) = if odd && excess == 0 {
            ([s1, 0, 0], 1)
        } else if odd {
            let second = self.quotient(self.product(square, s3) ^ s5, excess);
            let last = excess ^ self.product(s1, second);
            let (a, b) = (square ^ second, self.product(s1, second) ^ last);
            (self.cubic_roots(a, b)?.map(|root| root ^ s1), 3)
        } else {
            if s1 == 0 {
                return None;
            }
            let half = self.halves[usize::from(self.quotient(self.quotient(excess, s1), square))];
            let first = self.product(half, s1);
            ([first, first ^ s1, 0], 2)
        };
        let mut places = [0; 3];
        let mut sum = 0;
        for (place, &element) in places.iter_mut().zip(&elements).take(count) {
            *place = self.place_of[usize::from(element)];
            if *place == NO_PLACE {
                return None;
            }
            sum ^= self.columns[usize::from(*place)];
        }
        (sum == syndrome).then_some((places, count))
    }

    /// The three roots of y^3 + a y + b.
    fn cubic_roots(&self, a: u16, b: u16) -> Option<[u16; 3]> {
        if a == 0 {
            return self.cubes[usize::from(b)];
        }
        // The square root: half the logarithm modulo 1023.
        let root = self.exponentials[usize::from(self.logarithms[usize::from(a)]) * 512 % 1023];
        let roots = self.cubics[usize::from(self.quotient(b, self.product(a, root)))]?;
        Some(roots.map(|z| self.product(z, root)))
    }
}

/// Check bits for each place, so that all sums of a word vanish.
fn parity_columns(columns: &[u32]) -> Result<Vec<u32>> {
    // Gauss and Jordan: row r holds, of each check bit, its part in equation r, and which equations have been added.
    let checks = &columns[WORD_BITS - CHECKS..];
    let mut rows: Vec<(u32, u32)> = (0..CHECKS)
        .map(|r| (checks.iter().enumerate().fold(0, |row, (k, column)| row | (column >> r & 1) << k), 1 << r))
        .collect();
    for k in 0..CHECKS {
        let pivot = (k..CHECKS).find(|&r| rows[r].0 >> k & 1 == 1);
        let pivot =
            pivot.ok_or_else(|| Error::Model("check bits of the component code depend on each other".into()))?;
        rows.swap(k, pivot);
        let (left, right) = rows[k];
        for (r, row) in rows.iter_mut().enumerate() {
            if r != k && row.0 >> k & 1 == 1 {
                *row = (row.0 ^ left, row.1 ^ right);
            }
        }
    }
    let solve =
        |column: &u32| rows.iter().enumerate().fold(0, |sum, (k, row)| sum | ((row.1 & column).count_ones() & 1) << k);
    Ok(columns.iter().map(solve).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::philox_4x32;

    #[test]
    fn checks_close_every_word_and_columns_differ() {
        let code = Bch1022::new().unwrap();
        for (place, checks) in code.parity.iter().enumerate() {
            let sum = (0..CHECKS)
                .filter(|k| checks >> k & 1 == 1)
                .fold(code.columns[place], |sum, k| sum ^ code.columns[990 + k]);
            assert_eq!(sum, 0);
        }
        let mut columns = code.columns.clone();
        columns.sort_unstable();
        columns.dedup();
        assert_eq!(columns.len(), WORD_BITS);
    }

    /// All single errors, a walk through pairs, random triples; of four errors, none is taken for three or fewer: distance 8.
    #[test]
    fn three_errors_are_found_and_four_are_refused() {
        let code = Bch1022::new().unwrap();
        let mut patterns: Vec<Vec<u16>> = (0..1022).map(|place| vec![place]).collect();
        patterns.extend((0..1022).flat_map(|a| [1u16, 7, 510, 1000].map(|step| vec![a, (a + step) % 1022])));
        for n in 0..20_000 {
            let places = philox_4x32([n, 0, 0, 0], [1, 2]).map(|word| (word % 1022) as u16);
            patterns.push(places[..3].to_vec());
            patterns.push(places.to_vec());
        }
        for mut pattern in patterns {
            pattern.sort_unstable();
            if pattern.windows(2).any(|pair| pair[0] == pair[1]) {
                continue;
            }
            let syndrome = pattern.iter().fold(0, |sum, &place| sum ^ code.columns[usize::from(place)]);
            let found = code.locate(syndrome).map(|(places, count)| {
                let mut places = places[..count].to_vec();
                places.sort_unstable();
                places
            });
            assert_eq!(found, (pattern.len() < 4).then_some(pattern));
        }
    }
}
