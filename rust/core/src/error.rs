//! The one error type of the core.

use thiserror::Error;

/// What can go wrong in a kernel.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// A parameter has a value that the model does not allow.
    #[error("{name} is {found}; allowed: {allowed}")]
    Parameter {
        /// Name of the parameter, units last.
        name: String,
        /// What was given.
        found: String,
        /// What is allowed.
        allowed: String,
    },
    /// The inputs are each allowed and yet the model has no answer for them.
    #[error("{0}")]
    Model(String),
    /// The caller cancelled the task.
    #[error("the task was cancelled")]
    Cancelled,
}

/// Result of a kernel.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A parameter error; `found` and `allowed` read as the end of a sentence.
    #[allow(clippy::needless_pass_by_value)] // Callers pass numbers and fresh strings alike.
    pub fn parameter(name: impl Into<String>, found: impl ToString, allowed: impl Into<String>) -> Self {
        Self::Parameter { name: name.into(), found: found.to_string(), allowed: allowed.into() }
    }
}

/// Refuses a value that is not finite.
///
/// # Errors
/// [`Error::Parameter`] if `value` is NaN or infinite.
pub fn require_finite(name: &str, value: f64) -> Result<f64> {
    if value.is_finite() { Ok(value) } else { Err(Error::parameter(name, value, "a finite number")) }
}

/// Refuses a value that is not finite and above zero.
///
/// # Errors
/// [`Error::Parameter`] if `value` is NaN, infinite, zero or negative.
pub fn require_positive(name: &str, value: f64) -> Result<f64> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(Error::parameter(name, value, "a finite number above 0"))
    }
}
