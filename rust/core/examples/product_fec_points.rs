//! Points of a product-like code.
use lightlane_core::fec::channel::{Channel, ChannelKind};
use lightlane_core::fec::product::{OfecSchedule, SoftPass, count_ofec};
use lightlane_core::task::Task;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let a: Vec<String> = std::env::args().skip(1).collect();
    // frames hard tests "scale,conf;scale,conf" bers...
    let (frames, hard, tests): (u64, u32, u32) = (a[0].parse()?, a[1].parse()?, a[2].parse()?);
    let soft = a[3].split(';').filter(|s| !s.is_empty()).map(|s| {
        let v: Vec<f64> = s.split(',').map(|x| x.parse().unwrap()).collect();
        SoftPass { test_places_count: tests, scale_ratio: v[0], confidence_llr: v[1] }
    }).collect();
    let schedule = OfecSchedule { soft, hard_passes_count: hard };
    for ber in &a[4..] {
        let channel = Channel::new(ChannelKind::Bpsk, ber.parse()?, 1)?;
        let start = std::time::Instant::now();
        let c = count_ofec(&channel, 0..frames, &schedule, &Task::new())?;
        let s = start.elapsed().as_secs_f64();
        println!("{} pre {:.4e} post {:.3e} ({} errors, {}/{} frames) {:.1} Mb/s counted info", ber,
            c.bit_errors_before as f64 / c.line_bits as f64, c.bit_errors_after as f64 / c.bits as f64, c.bit_errors_after, c.frame_errors, c.frames, c.bits as f64 / s / 1e6);
    }
    Ok(())
}
