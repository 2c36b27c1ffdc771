//! Arithmetic of GF(2^10), the field of KP4: logarithms to the base of a root of the primitive polynomial.

/// Bits of an element.
pub const FIELD_BITS: u32 = 10;
/// Elements but zero.
pub const FIELD_ORDER: usize = (1 << FIELD_BITS) - 1;
/// x^10 + x^3 + 1 (IEEE 802.3-2022, 91.5.2.7).
const POLYNOMIAL: u16 = 0x409;
/// Logarithm that stands for zero's: any sum with it lies where [`EXPONENTIALS`] is zero.
const LOG_OF_ZERO: u16 = 2 * FIELD_ORDER as u16;

/// Powers of the root; zero from the logarithm of zero on, so that products need no test for it.
static EXPONENTIALS: [u16; 1 << 12] = exponentials();
/// Logarithms of all elements.
static LOGARITHMS: [u16; 1 << FIELD_BITS] = logarithms();

const fn exponentials() -> [u16; 1 << 12] {
    let mut out = [0; 1 << 12];
    let (mut value, mut k) = (1u16, 0);
    while k < LOG_OF_ZERO as usize {
        out[k] = value;
        value <<= 1;
        if value >> FIELD_BITS == 1 {
            value ^= POLYNOMIAL;
        }
        k += 1;
    }
    out
}

const fn logarithms() -> [u16; 1 << FIELD_BITS] {
    let (powers, mut out, mut k) = (exponentials(), [LOG_OF_ZERO; 1 << FIELD_BITS], 0);
    while k < FIELD_ORDER {
        out[powers[k] as usize] = k as u16;
        k += 1;
    }
    out
}

/// Power of the root; the exponent may be any sum of two logarithms.
#[inline]
pub fn power(exponent: usize) -> u16 {
    EXPONENTIALS[exponent & 0xfff]
}

/// Logarithm of an element; of zero, a number that makes every product zero.
#[inline]
pub fn logarithm(value: u16) -> usize {
    usize::from(LOGARITHMS[usize::from(value) & FIELD_ORDER])
}

/// Product of two elements.
#[inline]
pub fn multiply(a: u16, b: u16) -> u16 {
    power(logarithm(a) + logarithm(b))
}

/// Quotient of an element by one that is not zero.
#[inline]
pub fn divide(a: u16, b: u16) -> u16 {
    power(logarithm(a) + FIELD_ORDER - logarithm(b))
}

/// Value of a polynomial, lowest power first, at the power `exponent` of the root.
pub fn evaluate(polynomial: &[u16], exponent: usize) -> u16 {
    let point = exponent % FIELD_ORDER;
    polynomial.iter().rev().fold(0, |sum, &factor| power(logarithm(sum) + point) ^ factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Schoolbook product of polynomials over GF(2), reduced.
    fn plain_product(a: u16, b: u16) -> u16 {
        let mut product = (0..FIELD_BITS).filter(|k| b >> k & 1 == 1).fold(0u32, |sum, k| sum ^ u32::from(a) << k);
        for k in (FIELD_BITS..2 * FIELD_BITS).rev() {
            if product >> k & 1 == 1 {
                product ^= u32::from(POLYNOMIAL) << (k - FIELD_BITS);
            }
        }
        product as u16
    }

    #[test]
    fn products_and_quotients_are_those_of_polynomials() {
        for a in 0..1u16 << FIELD_BITS {
            for b in (0..1u16 << FIELD_BITS).step_by(7) {
                let product = plain_product(a, b);
                assert_eq!(multiply(a, b), product);
                if b > 0 {
                    assert_eq!(divide(product, b), a);
                }
            }
        }
    }

    /// The root runs through all elements: the polynomial is primitive.
    #[test]
    fn every_element_has_a_logarithm() {
        assert!((1..1u16 << FIELD_BITS).all(|value| power(logarithm(value)) == value));
        assert_eq!(evaluate(&[5, 0, 1], 3), 5 ^ power(6));
    }
}
