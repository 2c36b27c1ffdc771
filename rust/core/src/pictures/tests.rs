use super::*;
use proptest::prelude::*;

fn grid(screen: &Persistence) -> Vec<f64> {
    screen.rows().flatten().map(|&hits| f64::from(hits)).collect()
}

fn screen(width_px: usize, height_px: usize) -> Persistence {
    Persistence::new(width_px, height_px, [0.0, width_px as f64], [0.0, height_px as f64]).unwrap()
}

#[test]
fn lines_spend_their_time_where_they_should() {
    // One sample per symbol and one column per symbol; worked out by hand, rows from the top.
    for (samples, expected) in [
        ([0.0, 1.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
        ([0.5, 1.5], [0.0, 0.0, 0.5, 0.0, 0.5, 0.0]),
        ([0.0, 3.0], [1.0 / 3.0, 0.0, 1.0 / 3.0, 0.0, 1.0 / 3.0, 0.0]),
        ([3.0, 0.0], [1.0 / 3.0, 0.0, 1.0 / 3.0, 0.0, 1.0 / 3.0, 0.0]),
        ([2.0, 2.0], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]),
        ([0.0, 0.0], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
        ([1.5, 4.5], [1.0 / 3.0, 0.0, 1.0 / 6.0, 0.0, 0.0, 0.0]),
        ([-3.0, 3.0], [1.0 / 6.0, 0.0, 1.0 / 6.0, 0.0, 1.0 / 6.0, 0.0]),
    ] {
        let mut screen = screen(2, 3);
        screen.add_traces(&samples, 1.0, 0.0).unwrap();
        let found = grid(&screen);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{samples:?}: {found} and {expected}");
        }
        assert_eq!((screen.drawn_count(), screen.dropped_count()), (1, 0));
    }
}

#[test]
fn traces_start_over_at_the_edge() {
    let mut screen = screen(2, 1);
    screen.add_traces(&[0.5; 7], 1.0, 1.5).unwrap();
    assert_eq!(grid(&screen), [3.0, 3.0]);
    assert_eq!(screen.drawn_count(), 6);
}

#[test]
fn what_lies_outside_is_counted() {
    let mut screen = screen(4, 4);
    screen.add_points(&[-1.0, 0.0, 4.0, 4.1, f64::NAN, 1.0], &[1.0, 0.0, 4.0, 1.0, 1.0, f64::INFINITY]).unwrap();
    assert_eq!((screen.drawn_count(), screen.dropped_count()), (2, 4));
    screen.clear();
    screen.add_traces(&[9.0, 8.0, f64::NAN, 1.0, 2.0, -1.0, -2.0, 1e308, -1e308], 2.0, 0.0).unwrap();
    assert_eq!((screen.drawn_count(), screen.dropped_count()), (2, 6));
    assert!(grid(&screen).iter().all(|hits| hits.is_finite()));
}

#[test]
fn what_makes_no_screen_is_refused() {
    assert!(Persistence::new(0, 1, [0.0, 1.0], [0.0, 1.0]).is_err());
    assert!(Persistence::new(1, 20_000, [0.0, 1.0], [0.0, 1.0]).is_err());
    assert!(Persistence::new(1, 1, [1.0, 1.0], [0.0, 1.0]).is_err());
    let mut screen = screen(2, 2);
    assert!(screen.add_points(&[0.0], &[]).is_err());
    for (samples_per_symbol, offset) in [(0.5, 0.0), (f64::NAN, 0.0), (1e9, 0.0), (8.0, 1e9), (8.0, f64::NAN)] {
        assert!(screen.add_traces(&[0.0; 4], samples_per_symbol, offset).is_err());
    }
    assert!(screen.fade(1.1).is_err() && screen.fade(f64::NAN).is_err());
    let palette = Palette::new(&[0; 256]).unwrap();
    assert!(screen.shade(&palette, Scale::Linear, &mut [0; 3]).is_err());
}

#[test]
fn the_brightest_pixel_gets_the_last_color() {
    let palette = Palette::new(&(0..256).collect::<Vec<u32>>()).unwrap();
    let mut screen = screen(3, 1);
    let mut out = [9; 3];
    screen.shade(&palette, Scale::Logarithmic, &mut out).unwrap();
    assert_eq!(out, [0, 0, 0]);
    screen.add_points(&[0.5, 1.5, 1.5, 1.5], &[0.5; 4]).unwrap();
    screen.shade(&palette, Scale::Linear, &mut out).unwrap();
    assert_eq!(out, [85, 255, 0]);
    screen.shade(&palette, Scale::Logarithmic, &mut out).unwrap();
    assert_eq!(out, [128, 255, 0]); // ln 2 / ln 4
    screen.fade(1e-7).unwrap();
    assert_eq!(grid(&screen), [0.0; 3]);
}

/// Extremes of each part and the gaps between them, by the definition.
fn extremes(x: &[f64], y: &[f64], columns_count: usize) -> Vec<(f64, f64)> {
    let width = (x[x.len() - 1] - x[0]) / columns_count as f64;
    let part = |x_: f64| (((x_ - x[0]) / width).floor() as usize).min(columns_count - 1);
    let mut out = Vec::new();
    for column in 0..columns_count {
        let inside: Vec<usize> = (0..x.len()).filter(|&i| part(x[i]) == column && y[i].is_finite()).collect();
        let least = inside.iter().copied().min_by(|&a, &b| y[a].total_cmp(&y[b]));
        let greatest = inside.iter().copied().rev().max_by(|&a, &b| y[a].total_cmp(&y[b]));
        if let (Some(least), Some(greatest)) = (least, greatest) {
            out.push(least.min(greatest));
            if least != greatest {
                out.push(least.max(greatest));
            }
        }
    }
    let mut line: Vec<(f64, f64)> = Vec::new();
    for (place, &index) in out.iter().enumerate() {
        if place > 0 && y[out[place - 1]..index].iter().any(|y| !y.is_finite()) {
            line.push((x[index], f64::NAN));
        }
        line.push((x[index], y[index]));
    }
    line
}

proptest! {
    #[test]
    fn a_trace_inside_gives_each_column_its_time(
        samples in prop::collection::vec(0.0..5.0_f64, 2..40), per_symbol in 1.0..20.0_f64, offset in -9.0..9.0_f64
    ) {
        let mut screen = Persistence::new(7, 5, [-1.0, 1.0], [0.0, 5.0]).unwrap();
        screen.add_traces(&samples, per_symbol, offset).unwrap();
        let columns = (samples.len() - 1) as f64 / per_symbol * 3.5;
        let sum: f64 = grid(&screen).iter().sum();
        prop_assert!((sum - columns).abs() < 1e-5 * columns.max(1.0), "{} and {}", sum, columns);
        prop_assert!(grid(&screen).iter().all(|&hits| hits >= 0.0));
        prop_assert_eq!(screen.drawn_count(), samples.len() as u64 - 1);
    }

    #[test]
    fn extremes_are_those_of_the_definition(
        steps in prop::collection::vec(0.0..2.0_f64, 3..200),
        levels in prop::collection::vec(prop_oneof![9 => (-5..5_i32).prop_map(f64::from), 1 => Just(f64::NAN)], 200),
        columns_count in 1..12_usize,
    ) {
        let x: Vec<f64> = steps.iter().scan(0.0, |sum, step| { *sum += step; Some(*sum) }).collect();
        let y = &levels[..x.len()];
        prop_assume!(x.len() > 2 * columns_count && x[x.len() - 1] > x[0]);
        let found = decimate_trace(&x, y, columns_count).unwrap();
        let expected = extremes(&x, y, columns_count);
        prop_assert_eq!(&found.x, &expected.iter().map(|point| point.0).collect::<Vec<f64>>());
        let bits = |values: &[f64]| values.iter().map(|y| y.to_bits()).collect::<Vec<u64>>();
        prop_assert_eq!(bits(&found.y), bits(&expected.iter().map(|point| point.1).collect::<Vec<f64>>()));
    }
}

#[test]
fn few_points_are_kept_and_bad_ones_refused() {
    let found = decimate_trace(&[0.0, 1.0, 1.0], &[2.0, f64::NEG_INFINITY, 3.0], 2).unwrap();
    assert_eq!((found.x.len(), found.y[0], found.y[2]), (3, 2.0, 3.0));
    assert!(found.y[1].is_nan());
    assert_eq!(decimate_trace(&[], &[], 2).unwrap(), Decimated::default());
    // All at one place.
    assert_eq!(decimate_trace(&[1.0; 5], &[3.0, 1.0, 2.0, 5.0, 4.0], 2).unwrap().y, [1.0, 5.0]);
    for (x, columns_count) in
        [([0.0, 1.0, 0.5], 1), ([0.0, f64::NAN, 1.0], 1), ([0.0, 1.0, f64::INFINITY], 1), ([0.0; 3], 0)]
    {
        assert!(decimate_trace(&x, &[0.0; 3], columns_count).is_err());
    }
    let message = decimate_trace(&[0.0, 1.0, 0.5], &[0.0; 3], 1).unwrap_err().to_string();
    assert_eq!(message, "x[2] is 0.5; allowed: 1 or above, as x must not fall");
}
