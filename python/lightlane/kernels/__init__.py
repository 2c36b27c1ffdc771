"""Typed wrappers of the Rust kernels: engineering units in, SI across the border."""
