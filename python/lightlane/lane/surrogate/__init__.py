"""Eyes of simulated waveforms, tabulated so that a fabric is evaluated with them at the speed of the budget."""
