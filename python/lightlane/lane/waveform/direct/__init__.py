"""Sampled direct-detect lanes: PAM4 symbols in, fiber, receiver, equalizer, symbols out."""
