//! Small dense systems of linear equations and quadratic programs.

/// Solves A x = b in place by elimination with row pivoting; `a` holds the rows one after the other. `None` if A is singular.
pub(crate) fn solve(a: &mut [f64], b: &mut [f64]) -> Option<()> {
    let n = b.len();
    for column in 0..n {
        let pivot = (column..n).max_by(|&p, &q| a[p * n + column].abs().total_cmp(&a[q * n + column].abs()))?;
        if a[pivot * n + column].abs() < 1e-13 {
            return None;
        }
        if pivot != column {
            for k in 0..n {
                a.swap(pivot * n + k, column * n + k);
            }
            b.swap(pivot, column);
        }
        for row in column + 1..n {
            let factor = a[row * n + column] / a[column * n + column];
            if factor != 0.0 {
                for k in column..n {
                    a[row * n + k] -= factor * a[column * n + k];
                }
                b[row] -= factor * b[column];
            }
        }
    }
    for row in (0..n).rev() {
        for k in row + 1..n {
            b[row] -= a[row * n + k] * b[k];
        }
        b[row] /= a[row * n + row];
    }
    Some(())
}

/// One linear bound g v >= h.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub gradient: Vec<f64>,
    pub least: f64,
}

/// Minimizes v'Av/2 - b'v where the entries of v sum to 1 and every bound holds. `None` where nothing satisfies all.
///
/// # Algorithm
/// 1. Solve for the stationary point on the active bounds (none at first) together with their multipliers.
/// 2. Drop the active bound whose multiplier is most negative; if there is none, add the bound that is violated most.
/// 3. Done when neither exists. Few taps and bounds: the active set settles within a few turns.
pub(crate) fn minimize_quadratic(a: &[f64], b: &[f64], bounds: &[Bound]) -> Option<Vec<f64>> {
    let n = b.len();
    let mut active: Vec<usize> = Vec::new();
    for _ in 0..8 * (bounds.len() + 1) {
        let size = n + 1 + active.len();
        let mut matrix = vec![0.0; size * size];
        let mut right = vec![0.0; size];
        for row in 0..n {
            matrix[row * size..row * size + n].copy_from_slice(&a[row * n..row * n + n]);
            right[row] = b[row];
            matrix[row * size + n] = -1.0;
            matrix[n * size + row] = 1.0;
            for (place, &index) in active.iter().enumerate() {
                matrix[row * size + n + 1 + place] = -bounds[index].gradient[row];
                matrix[(n + 1 + place) * size + row] = bounds[index].gradient[row];
            }
        }
        right[n] = 1.0;
        for (place, &index) in active.iter().enumerate() {
            right[n + 1 + place] = bounds[index].least;
        }
        solve(&mut matrix, &mut right)?;
        let multipliers = &right[n + 1..];
        let wrong = (0..active.len())
            .filter(|&place| multipliers[place] < -1e-12)
            .min_by(|&p, &q| multipliers[p].total_cmp(&multipliers[q]));
        if let Some(place) = wrong {
            active.remove(place);
            continue;
        }
        right.truncate(n);
        let short = |index: &usize| {
            let bound = &bounds[*index];
            bound.least - bound.gradient.iter().zip(&right).map(|(g, v)| g * v).sum::<f64>()
        };
        match (0..bounds.len()).max_by(|p, q| short(p).total_cmp(&short(q))) {
            Some(index) if short(&index) > 1e-10 && !active.contains(&index) => active.push(index),
            _ => return Some(right),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_and_cost_least() {
        // min ((x - 2)^2 + (y + 1)^2)/2 with x + y = 1 is (2, -1); y >= 0 moves it to (1, 0), y >= 0.3 to (0.7, 0.3).
        let (a, b) = ([1.0, 0.0, 0.0, 1.0], [2.0, -1.0]);
        let at_least = |least| vec![Bound { gradient: vec![0.0, 1.0], least }];
        for (bounds, expected) in [(vec![], [2.0, -1.0]), (at_least(0.0), [1.0, 0.0]), (at_least(0.3), [0.7, 0.3])] {
            let found = minimize_quadratic(&a, &b, &bounds).unwrap();
            assert!(found.iter().zip(expected).all(|(x, y)| (x - y).abs() < 1e-13), "{found:?}");
        }
    }

    #[test]
    fn a_system_that_needs_a_pivot() {
        let mut a = [0.0, 2.0, 1.0, 1.0, 1.0, 1.0, 2.0, 0.0, 3.0];
        let mut b = [7.0, 6.0, 11.0];
        solve(&mut a, &mut b).unwrap();
        assert!(b.iter().zip([1.0, 2.0, 3.0]).all(|(x, y)| (x - y).abs() < 1e-14));
        assert!(solve(&mut [1.0, 2.0, 2.0, 4.0], &mut [1.0, 2.0]).is_none());
    }
}
