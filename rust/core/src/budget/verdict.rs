//! What a lane model answers: figures, the limit that decides, and the contributions that add up to the margin.

/// What limits a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Limit {
    /// Nothing is limited: no verdict.
    None = 0,
    /// Received power.
    Power = 1,
    /// Receiver overload.
    Overload = 2,
    /// Amplified spontaneous emission.
    Osnr = 3,
    /// Nonlinear interference.
    Nonlinearity = 4,
    /// Chromatic dispersion.
    Dispersion = 5,
    /// Polarization-mode dispersion.
    Pmd = 6,
    /// Polarization-dependent loss.
    Pdl = 7,
    /// Passband narrowing.
    Filtering = 8,
    /// Crosstalk.
    Crosstalk = 9,
    /// The transceiver's own noise before the FEC.
    Fec = 10,
    /// Speed of polarization rotation.
    Sop = 11,
    /// Dispersion behind which the eye is closed, whatever the mode allows; lanes are then limited by dispersion.
    ClosedEye = 12,
    /// Light of other lanes through the demultiplexer that closes the eye; lanes are then limited by crosstalk.
    LeakedLight = 13,
}

/// Why there is no verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Unknown {
    /// There is one.
    No = 0,
    /// The fiber has no attenuation figure at this wavelength.
    Attenuation = 1,
    /// The fiber has no dispersion figure at this wavelength.
    Dispersion = 2,
    /// The mode has no required OSNR and no fitted transceiver noise.
    RequiredOsnr = 3,
    /// The mode has no least received power.
    Sensitivity = 4,
    /// The mode has no dispersion tolerance.
    DispersionTolerance = 5,
    /// The mode has no PMD tolerance.
    PmdTolerance = 6,
    /// The mode has no PDL tolerance.
    PdlTolerance = 7,
    /// The mode lacks a figure of its power closure (OMA - TDECQ, insertion loss or allocation).
    Closure = 8,
    /// The amplifier has no noise figure at the gain that it would need.
    AmplifierNoise = 9,
    /// The mode has no launch power and the user gives none.
    LaunchPower = 10,
    /// The level into an amplifier or ROADM stage is outside the range that its noise is specified for.
    InputLevel = 11,
    /// The figures of the mode's transmitter leave no open eye even without a fiber.
    Eye = 12,
    /// Noise that grows with the received power keeps the symbol error ratio above its target.
    ErrorFloor = 13,
    /// The channels are so near to the fiber's zero dispersion that its nonlinear interference is not modeled.
    Nonlinearity = 14,
    /// The mode has no tolerance of polarization rotation.
    SopTolerance = 15,
    /// The mode has no tolerance of other channels at its receiver.
    ColorlessTolerance = 16,
    /// The published form of nonlinear interference has no place for Raman pumps.
    PumpedNonlinearity = 17,
    /// The mode's transmitter, or the dispersion that it is tested over, lies outside of the surrogate's tables.
    SurrogateMode = 18,
    /// The dispersion lies outside of the surrogate's table.
    SurrogateDispersion = 19,
}

/// Kind of a contribution; Python puts the words to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ContributionKind {
    /// Launch power per channel or lane.
    Launch = 0,
    /// Level change by one element (loss below zero, gain above).
    Element = 1,
    /// Least received power, subtracted.
    LeastReceived = 2,
    /// Greatest received power.
    GreatestReceived = 3,
    /// Transmitter in-band OSNR.
    TransmitterOsnr = 4,
    /// OSNR lost to (or, for the first noise of a path, set by) the noise of one element.
    ElementNoise = 5,
    /// OSNR lost to nonlinear interference.
    Nonlinearity = 6,
    /// Penalty for chromatic dispersion.
    DispersionPenalty = 7,
    /// Penalty for PMD.
    PmdPenalty = 8,
    /// Penalty for PDL.
    PdlPenalty = 9,
    /// Penalty for passband narrowing.
    FilteringPenalty = 10,
    /// Penalty for crosstalk.
    CrosstalkPenalty = 11,
    /// Required OSNR at ample received power, subtracted.
    RequiredOsnr = 12,
    /// More OSNR required because little power arrives.
    LowReceivedPower = 13,
    /// From 12.5 GHz to the symbol rate.
    NoiseBandwidth = 14,
    /// Noise of the receiver and the transceiver itself.
    TransceiverNoise = 15,
    /// SNR at the FEC threshold, subtracted.
    ThresholdSnr = 16,
    /// OMA less TDECQ at the transmitter.
    OmaLessTdecq = 17,
    /// Allocation for multipath interference and DGD.
    MpiDgdAllocation = 18,
    /// Sensitivity for a perfect transmitter, subtracted.
    Sensitivity = 19,
    /// What level-dependent receiver noise changes.
    ShotNoise = 20,
    /// Loss that the mode's budget allows.
    LossBudget = 21,
    /// Largest TDECQ that the mode allows.
    TdecqLimit = 22,
    /// TDECQ of the transmitter behind this dispersion, subtracted.
    Tdecq = 23,
    /// OMA less TDECQ as computed, over that of the closure.
    ComputedEye = 24,
    /// Multipath interference of the path's own reflectances.
    Multipath = 25,
    /// Penalty for the speed of polarization rotation.
    SopPenalty = 26,
    /// Penalty for equalization-enhanced phase noise beyond that for dispersion.
    PhaseNoise = 27,
    /// Penalty for four-wave mixing of the lanes of one fiber.
    Mixing = 28,
    /// Penalty for the other channels behind a colorless drop.
    ColorlessPenalty = 29,
    /// Penalty for leaks at the channel's own frequency.
    InBandCrosstalk = 30,
    /// Penalty for light of other lanes through the demultiplexer, beyond what the stressed test holds.
    LeakedLight = 31,
    /// What the gain of an avalanche photodiode, set for the light that arrives, changes against that of the sensitivity.
    AvalancheGain = 32,
}

/// One step towards the margin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contribution {
    /// What it is.
    pub kind: ContributionKind,
    /// The element that it belongs to, as a row of the element table; `None` for the rest.
    pub element: Option<usize>,
    /// What it adds.
    pub value_db: f64,
}

/// The answer for one lane; NaN where a quantity does not exist or is not known.
#[derive(Debug, Clone)]
pub struct LaneOutput {
    /// Launch level.
    pub launch_power_dbm: f64,
    /// Received level.
    pub received_power_dbm: f64,
    /// OSNR of ASE alone in 12.5 GHz.
    pub osnr_db: f64,
    /// SNR of nonlinear interference alone in the symbol rate.
    pub snr_nli_db: f64,
    /// SNR of line noise in the symbol rate.
    pub gsnr_db: f64,
    /// SNR at the decision.
    pub snr_db: f64,
    /// Accumulated dispersion; of the corner that is nearer to its limit for direct detection.
    pub dispersion_s_per_m: f64,
    /// Mean DGD.
    pub dgd_mean_s: f64,
    /// Probability that the instantaneous DGD exceeds what the mode bears.
    pub dgd_outage_ratio: f64,
    /// Mean PDL of the path.
    pub pdl_db: f64,
    /// Probability that the PDL exceeds the end of the mode's tolerance.
    pub pdl_outage_ratio: f64,
    /// TDECQ of the worse corner as computed, or the mode's limit where it is not.
    pub tdecq_db: f64,
    /// TECQ: that of the same transmitter without a fiber.
    pub tecq_db: f64,
    /// Received outer OMA.
    pub oma_outer_dbm: f64,
    /// Received outer OMA at which the symbol error ratio is the mode's target, with this eye and this path's interference.
    pub sensitivity_oma_dbm: f64,
    /// Symbol error ratio of direct detection before the FEC.
    pub symbol_error_ratio: f64,
    /// Bit error ratio before the FEC.
    pub pre_fec_ber: f64,
    /// Bit error ratio after the FEC.
    pub post_fec_ber: f64,
    /// Loss ratio of 64-octet frames.
    pub frame_loss_ratio: f64,
    /// Required OSNR at this received power.
    pub required_osnr_db: f64,
    /// OSNR less required OSNR less penalties.
    pub osnr_margin_db: f64,
    /// Lesser of the distances to sensitivity and to overload.
    pub power_margin_db: f64,
    /// SNR (coherent) or optical power (direct detection) to the FEC's limit.
    pub fec_margin_db: f64,
    /// Least margin.
    pub margin_db: f64,
    /// What it is limited by.
    pub limited_by: Limit,
    /// A limit without a decibel scale that is passed, its value and its end.
    pub blocked: Option<(Limit, f64, f64)>,
    /// Why there is no verdict.
    pub unknown: Unknown,
    /// Latency of path, FEC and module as far as known.
    pub latency_s: f64,
    /// Steps that add up to the margin, if asked for.
    pub contributions: Vec<Contribution>,
}

impl LaneOutput {
    /// An answer in which nothing is known yet.
    pub fn empty() -> Self {
        let nan = f64::NAN;
        Self {
            launch_power_dbm: nan,
            received_power_dbm: nan,
            osnr_db: nan,
            snr_nli_db: nan,
            gsnr_db: nan,
            snr_db: nan,
            dispersion_s_per_m: nan,
            dgd_mean_s: nan,
            dgd_outage_ratio: nan,
            pdl_db: nan,
            pdl_outage_ratio: nan,
            tdecq_db: nan,
            tecq_db: nan,
            oma_outer_dbm: nan,
            sensitivity_oma_dbm: nan,
            symbol_error_ratio: nan,
            pre_fec_ber: nan,
            post_fec_ber: nan,
            frame_loss_ratio: nan,
            required_osnr_db: nan,
            osnr_margin_db: nan,
            power_margin_db: nan,
            fec_margin_db: nan,
            margin_db: nan,
            limited_by: Limit::None,
            blocked: None,
            unknown: Unknown::No,
            latency_s: nan,
            contributions: Vec::new(),
        }
    }

    /// Notes why there is no verdict, unless a reason is there already.
    pub(super) fn set_unknown(&mut self, reason: Unknown) {
        if self.unknown == Unknown::No {
            self.unknown = reason;
        }
    }

    /// Notes a passed limit, unless one is there already.
    pub(super) fn set_blocked(&mut self, limit: Limit, value: f64, end: f64) {
        if self.blocked.is_none() {
            self.blocked = Some((limit, value, end));
        }
    }
}

/// Index of the least of the margins that exist.
pub(super) fn least(margins: &[f64]) -> Option<usize> {
    margins
        .iter()
        .enumerate()
        .filter(|(_, margin)| !margin.is_nan())
        .min_by(|a, b| a.1.total_cmp(b.1))
        .map(|(index, _)| index)
}
