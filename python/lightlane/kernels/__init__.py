"""Typed wrappers of the Rust kernels: engineering units in, SI across the border.

Nothing else in Lightlane imports the extension. Every function works on numpy arrays and is usable from a notebook.

The modules behind these names are imported when a name is first used: a budget needs few of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightlane.late_names import load_late

if TYPE_CHECKING:
    from lightlane.kernels.block_fec import (
        InnerDecoding,
        Kp4Decoding,
        collect_kp4,
        decode_inner_hard,
        decode_inner_soft,
        decode_kp4,
        distribute_kp4,
        encode_inner,
        encode_kp4,
    )
    from lightlane.kernels.budget import (
        evaluate_coherent_lanes,
        evaluate_direct_lanes,
    )
    from lightlane.kernels.carrier import (
        BLIND_STAGES,
        AdaptiveEqualizer,
        BlindPhaseSearch,
        ChannelEstimate,
        CycleSlipRepair,
        FrequencyOffset,
        FrequencyShift,
        KnownSymbols,
        LearningStage,
        PilotPhase,
        Recovered,
        ViterbiViterbi,
        estimate_frequency_offset,
        estimate_frequency_offset_by_pilots,
    )
    from lightlane.kernels.coherent_hardware import (
        OPENZRPLUS_FREQUENCY_NOISE,
        CoherentFrontEnd,
        Converter,
        IqModulator,
        Laser,
        detect_coherent,
        front_end_snr_db,
        laser_amplitude_ratio,
        laser_phase_rad,
        modulate_iq,
        pass_converter,
    )
    from lightlane.kernels.direct import (
        Pam4Receiver,
        Pam4Transmitter,
        ReferenceReceiver,
        TdecqEstimate,
        estimate_tdecq,
        pam4_sensitivity_dbm,
        pulse_response,
    )
    from lightlane.kernels.direct_waveform import (
        DirectEcho,
        DirectReceiver,
        MeasuredResponse,
        Pam4Drive,
        SampledPath,
        launch_pam4,
        propagate_pam4,
    )
    from lightlane.kernels.draws import (
        draw_coherent_lanes,
        draw_direct_lanes,
    )
    from lightlane.kernels.dsp import (
        DispersionEstimate,
        IqOrthogonalizer,
        MatchedFilter,
        ReceiverFilter,
        Resampler,
        TimingRecovery,
        compensate_dispersion,
        estimate_dispersion,
        estimate_timing_ratio,
        orthogonalize_quadratures,
        resample_periodic,
    )
    from lightlane.kernels.fec import (
        DecisionFeedback,
        ModuleErrors,
        apply_fec,
        block_symbol_error_ratios,
        feedback_continuation_ratio,
        hamming_hard_symbol_error_ratio,
        hamming_soft_symbol_error_bound_ratio,
        kp4_codeword_error_ratio,
        kp4_frame_loss_ratio,
        kp4_post_fec_ber,
        module_frame_loss,
    )
    from lightlane.kernels.fec_counts import (
        CountedCode,
        FecCounts,
        count_fec_errors,
        counted_codes,
        receive_bits,
    )
    from lightlane.kernels.fiber import (
        accumulated_dispersion_range_ps_per_nm,
        ase_osnr_db,
        nonlinear_efficiency_db,
        zero_dispersion_formula_ps_per_nm_km,
    )
    from lightlane.kernels.four_wave_mixing import (
        MixingFiber,
        MixingProducts,
        draw_mixing_crosstalk_dbc,
        four_wave_mixing_products,
    )
    from lightlane.kernels.gn_integral import (
        IntegralSpan,
        NonlinearInterference,
        PowerProfile,
        integrate_nonlinear_interference,
    )
    from lightlane.kernels.interference import (
        Reflector,
        dgd_penalty_db,
        double_reflections_dbc,
        interference_penalty_db,
        lane_crosstalk_penalty_db,
        optimum_apd_gain_ratio,
        pdl_excess_loss_db,
        rin_db_per_hz_from_rin_oma,
        rin_oma_penalty_db,
    )
    from lightlane.kernels.lit_lanes import (
        SemiconductorAmplifier,
        mix_lanes,
    )
    from lightlane.kernels.metrics import (
        bit_error_ratio,
        excess_kurtosis_ratio,
        gmi_bits,
        mutual_information_bits,
        ngmi_ratio,
        pam4_target_q_ratio,
        q_factor_db,
        required_osnr_db,
        required_snr_db,
        required_snr_for_ngmi_db,
    )
    from lightlane.kernels.nonlinear import (
        LineNonlinearity,
        nonlinear_interference,
    )
    from lightlane.kernels.optics import (
        FilteredSnr,
        Passband,
        ReceiverFit,
        ReceiverNoise,
        cascade_transmission_db,
        cascade_width_ghz,
        colorless_penalty_db,
        combined_transmitters_osnr_db,
        filter_signal,
        fit_colorless_receiver,
        fit_receiver,
        in_band_crosstalk_db,
        neighbor_crosstalk_db,
        receiver_noise_share_ratio,
        receiver_required_osnr_db,
    )
    from lightlane.kernels.pam4_decisions import (
        DecisionNoise,
        Pam4ErrorRatios,
        Pam4Taps,
        decide_pam4,
        fit_pam4_equalizer,
        pam4_error_ratios,
    )
    from lightlane.kernels.pictures import (
        Persistence,
        decimate_trace,
        shade_matrix,
    )
    from lightlane.kernels.polarization import (
        dgd_exceedance_ratio,
        dgd_mean_ps,
        dgd_quantile_ps,
        equalization_phase_noise_snr_db,
        maxwell_exceedance_ratio,
        maxwell_quantile_ratio,
        pdl_exceedance_ratio,
        pdl_mean_db,
        pdl_quantile_db,
    )
    from lightlane.kernels.product_fec import (
        CFEC_FRAME_BITS,
        CFEC_FRAME_INFORMATION_BITS,
        OFEC_BLOCK_BITS,
        OFEC_BLOCK_INFORMATION_BITS,
        STAIRCASE_BLOCK_BITS,
        STAIRCASE_BLOCK_INFORMATION_BITS,
        DecodedStreams,
        OfecSchedule,
        ProductCode,
        SoftPass,
        StaircaseSchedule,
        count_product_fec,
        decode_cfec,
        decode_ofec,
        decode_ofec_hard,
        decode_staircase,
        deinterleave_ofec,
        encode_product,
        interleave_ofec,
    )
    from lightlane.kernels.propagation import (
        Propagation,
        PropagationReport,
        back_propagate_fiber,
        propagate_fiber,
    )
    from lightlane.kernels.raman import (
        RamanPump,
        RamanSpan,
        solve_raman,
    )
    from lightlane.kernels.sampled_field import (
        NumberAddress,
        Waveplates,
        amplify_field,
        draw_waveplates,
        field_frequencies_ghz,
        filter_field,
        pass_passbands,
        pass_polarization_loss,
        pass_waveplates,
        random_axis,
        rotate_polarization,
        waveplates_dgd_ps,
    )
    from lightlane.kernels.signal import (
        Format,
        amplitude_block,
        bit_log_likelihood_ratios,
        build_frame,
        decide_bits,
        frame_plan,
        frame_roles,
        map_bits,
        random_bits,
        shape_amplitudes,
        shape_pulses,
        unshape_amplitudes,
    )
    from lightlane.kernels.symbol_quality import (
        Alignment,
        SymbolQuality,
        align_symbols,
        error_ratio_interval,
        measure_symbols,
    )
    from lightlane.kernels.task import (
        Task,
        build_info,
    )

_NAMES: dict[str, tuple[str, ...]] = {
    "block_fec": (
        "InnerDecoding", "Kp4Decoding", "collect_kp4", "decode_inner_hard", "decode_inner_soft", "decode_kp4",
        "distribute_kp4", "encode_inner", "encode_kp4",
    ),
    "budget": ("evaluate_coherent_lanes", "evaluate_direct_lanes"),
    "carrier": (
        "BLIND_STAGES", "AdaptiveEqualizer", "BlindPhaseSearch", "ChannelEstimate", "CycleSlipRepair",
        "FrequencyOffset", "FrequencyShift", "KnownSymbols", "LearningStage", "PilotPhase", "Recovered",
        "ViterbiViterbi", "estimate_frequency_offset", "estimate_frequency_offset_by_pilots",
    ),
    "coherent_hardware": (
        "OPENZRPLUS_FREQUENCY_NOISE", "CoherentFrontEnd", "Converter", "IqModulator", "Laser", "detect_coherent",
        "front_end_snr_db", "laser_amplitude_ratio", "laser_phase_rad", "modulate_iq", "pass_converter",
    ),
    "direct": (
        "Pam4Receiver", "Pam4Transmitter", "ReferenceReceiver", "TdecqEstimate", "estimate_tdecq",
        "pam4_sensitivity_dbm", "pulse_response",
    ),
    "direct_waveform": (
        "DirectEcho", "DirectReceiver", "MeasuredResponse", "Pam4Drive", "SampledPath", "launch_pam4", "propagate_pam4",
    ),
    "draws": ("draw_coherent_lanes", "draw_direct_lanes"),
    "dsp": (
        "DispersionEstimate", "IqOrthogonalizer", "MatchedFilter", "ReceiverFilter", "Resampler", "TimingRecovery",
        "compensate_dispersion", "estimate_dispersion", "estimate_timing_ratio", "orthogonalize_quadratures",
        "resample_periodic",
    ),
    "fec": (
        "DecisionFeedback", "ModuleErrors", "apply_fec", "block_symbol_error_ratios", "feedback_continuation_ratio",
        "hamming_hard_symbol_error_ratio", "hamming_soft_symbol_error_bound_ratio", "kp4_codeword_error_ratio",
        "kp4_frame_loss_ratio", "kp4_post_fec_ber", "module_frame_loss",
    ),
    "fec_counts": ("CountedCode", "FecCounts", "count_fec_errors", "counted_codes", "receive_bits"),
    "fiber": (
        "accumulated_dispersion_range_ps_per_nm", "ase_osnr_db", "nonlinear_efficiency_db",
        "zero_dispersion_formula_ps_per_nm_km",
    ),
    "four_wave_mixing": ("MixingFiber", "MixingProducts", "draw_mixing_crosstalk_dbc", "four_wave_mixing_products"),
    "gn_integral": ("IntegralSpan", "NonlinearInterference", "PowerProfile", "integrate_nonlinear_interference"),
    "interference": (
        "Reflector", "dgd_penalty_db", "double_reflections_dbc", "interference_penalty_db", "lane_crosstalk_penalty_db",
        "optimum_apd_gain_ratio", "pdl_excess_loss_db", "rin_db_per_hz_from_rin_oma", "rin_oma_penalty_db",
    ),
    "lit_lanes": ("SemiconductorAmplifier", "mix_lanes"),
    "metrics": (
        "bit_error_ratio", "excess_kurtosis_ratio", "gmi_bits", "mutual_information_bits", "ngmi_ratio",
        "pam4_target_q_ratio", "q_factor_db", "required_osnr_db", "required_snr_db", "required_snr_for_ngmi_db",
    ),
    "nonlinear": ("LineNonlinearity", "nonlinear_interference"),
    "optics": (
        "FilteredSnr", "Passband", "ReceiverFit", "ReceiverNoise", "cascade_transmission_db", "cascade_width_ghz",
        "colorless_penalty_db", "combined_transmitters_osnr_db", "filter_signal", "fit_colorless_receiver",
        "fit_receiver", "in_band_crosstalk_db", "neighbor_crosstalk_db", "receiver_noise_share_ratio",
        "receiver_required_osnr_db",
    ),
    "pam4_decisions": (
        "DecisionNoise", "Pam4ErrorRatios", "Pam4Taps", "decide_pam4", "fit_pam4_equalizer", "pam4_error_ratios",
    ),
    "pictures": ("Persistence", "decimate_trace", "shade_matrix"),
    "polarization": (
        "dgd_exceedance_ratio", "dgd_mean_ps", "dgd_quantile_ps", "equalization_phase_noise_snr_db",
        "maxwell_exceedance_ratio", "maxwell_quantile_ratio", "pdl_exceedance_ratio", "pdl_mean_db", "pdl_quantile_db",
    ),
    "product_fec": (
        "CFEC_FRAME_BITS", "CFEC_FRAME_INFORMATION_BITS", "OFEC_BLOCK_BITS", "OFEC_BLOCK_INFORMATION_BITS",
        "STAIRCASE_BLOCK_BITS", "STAIRCASE_BLOCK_INFORMATION_BITS", "DecodedStreams", "OfecSchedule", "ProductCode",
        "SoftPass", "StaircaseSchedule", "count_product_fec", "decode_cfec", "decode_ofec", "decode_ofec_hard",
        "decode_staircase", "deinterleave_ofec", "encode_product", "interleave_ofec",
    ),
    "propagation": ("Propagation", "PropagationReport", "back_propagate_fiber", "propagate_fiber"),
    "raman": ("RamanPump", "RamanSpan", "solve_raman"),
    "sampled_field": (
        "NumberAddress", "Waveplates", "amplify_field", "draw_waveplates", "field_frequencies_ghz", "filter_field",
        "pass_passbands", "pass_polarization_loss", "pass_waveplates", "random_axis", "rotate_polarization",
        "waveplates_dgd_ps",
    ),
    "signal": (
        "Format", "amplitude_block", "bit_log_likelihood_ratios", "build_frame", "decide_bits", "frame_plan",
        "frame_roles", "map_bits", "random_bits", "shape_amplitudes", "shape_pulses", "unshape_amplitudes",
    ),
    "symbol_quality": ("Alignment", "SymbolQuality", "align_symbols", "error_ratio_interval", "measure_symbols"),
    "task": ("Task", "build_info"),
}  # fmt: skip
"""Of each module, what is offered here."""
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "BLIND_STAGES", "CFEC_FRAME_BITS", "CFEC_FRAME_INFORMATION_BITS", "OFEC_BLOCK_BITS", "OFEC_BLOCK_INFORMATION_BITS",
    "OPENZRPLUS_FREQUENCY_NOISE", "STAIRCASE_BLOCK_BITS", "STAIRCASE_BLOCK_INFORMATION_BITS", "AdaptiveEqualizer",
    "Alignment", "BlindPhaseSearch", "ChannelEstimate", "CoherentFrontEnd", "Converter", "CountedCode",
    "CycleSlipRepair", "DecisionFeedback", "DecisionNoise", "DecodedStreams", "DirectEcho", "DirectReceiver",
    "DispersionEstimate", "FecCounts", "FilteredSnr", "Format", "FrequencyOffset", "FrequencyShift", "InnerDecoding",
    "IntegralSpan", "IqModulator", "IqOrthogonalizer", "KnownSymbols", "Kp4Decoding", "Laser", "LearningStage",
    "LineNonlinearity", "MatchedFilter", "MeasuredResponse", "MixingFiber", "MixingProducts", "ModuleErrors",
    "NonlinearInterference", "NumberAddress", "OfecSchedule", "Pam4Drive", "Pam4ErrorRatios", "Pam4Receiver",
    "Pam4Taps", "Pam4Transmitter", "Passband", "Persistence", "PilotPhase", "PowerProfile", "ProductCode",
    "Propagation", "PropagationReport", "RamanPump", "RamanSpan", "ReceiverFilter", "ReceiverFit", "ReceiverNoise",
    "Recovered", "ReferenceReceiver", "Reflector", "Resampler", "SampledPath", "SemiconductorAmplifier", "SoftPass",
    "StaircaseSchedule", "SymbolQuality", "Task", "TdecqEstimate", "TimingRecovery", "ViterbiViterbi", "Waveplates",
    "accumulated_dispersion_range_ps_per_nm", "align_symbols", "amplify_field", "amplitude_block", "apply_fec",
    "ase_osnr_db", "back_propagate_fiber", "bit_error_ratio", "bit_log_likelihood_ratios", "block_symbol_error_ratios",
    "build_frame", "build_info", "cascade_transmission_db", "cascade_width_ghz", "collect_kp4", "colorless_penalty_db",
    "combined_transmitters_osnr_db", "compensate_dispersion", "count_fec_errors", "count_product_fec", "counted_codes",
    "decide_bits", "decide_pam4", "decimate_trace", "decode_cfec", "decode_inner_hard", "decode_inner_soft",
    "decode_kp4", "decode_ofec", "decode_ofec_hard", "decode_staircase", "deinterleave_ofec", "detect_coherent",
    "dgd_exceedance_ratio", "dgd_mean_ps", "dgd_penalty_db", "dgd_quantile_ps", "distribute_kp4",
    "double_reflections_dbc", "draw_coherent_lanes", "draw_direct_lanes", "draw_mixing_crosstalk_dbc",
    "draw_waveplates", "encode_inner", "encode_kp4", "encode_product", "equalization_phase_noise_snr_db",
    "error_ratio_interval", "estimate_dispersion", "estimate_frequency_offset", "estimate_frequency_offset_by_pilots",
    "estimate_tdecq", "estimate_timing_ratio", "evaluate_coherent_lanes", "evaluate_direct_lanes",
    "excess_kurtosis_ratio", "feedback_continuation_ratio", "field_frequencies_ghz", "filter_field", "filter_signal",
    "fit_colorless_receiver", "fit_pam4_equalizer", "fit_receiver", "four_wave_mixing_products", "frame_plan",
    "frame_roles", "front_end_snr_db", "gmi_bits", "hamming_hard_symbol_error_ratio",
    "hamming_soft_symbol_error_bound_ratio", "in_band_crosstalk_db", "integrate_nonlinear_interference",
    "interference_penalty_db", "interleave_ofec", "kp4_codeword_error_ratio", "kp4_frame_loss_ratio",
    "kp4_post_fec_ber", "lane_crosstalk_penalty_db", "laser_amplitude_ratio", "laser_phase_rad", "launch_pam4",
    "map_bits", "maxwell_exceedance_ratio", "maxwell_quantile_ratio", "measure_symbols", "mix_lanes", "modulate_iq",
    "module_frame_loss", "mutual_information_bits", "neighbor_crosstalk_db", "ngmi_ratio", "nonlinear_efficiency_db",
    "nonlinear_interference", "optimum_apd_gain_ratio", "orthogonalize_quadratures", "pam4_error_ratios",
    "pam4_sensitivity_dbm", "pam4_target_q_ratio", "pass_converter", "pass_passbands", "pass_polarization_loss",
    "pass_waveplates", "pdl_exceedance_ratio", "pdl_excess_loss_db", "pdl_mean_db", "pdl_quantile_db",
    "propagate_fiber", "propagate_pam4", "pulse_response", "q_factor_db", "random_axis", "random_bits", "receive_bits",
    "receiver_noise_share_ratio", "receiver_required_osnr_db", "required_osnr_db", "required_snr_db",
    "required_snr_for_ngmi_db", "resample_periodic", "rin_db_per_hz_from_rin_oma", "rin_oma_penalty_db",
    "rotate_polarization", "shade_matrix", "shape_amplitudes", "shape_pulses", "solve_raman", "unshape_amplitudes",
    "waveplates_dgd_ps", "zero_dispersion_formula_ps_per_nm_km",
]  # fmt: skip

__getattr__, __dir__ = load_late(__name__, _HOMES)
