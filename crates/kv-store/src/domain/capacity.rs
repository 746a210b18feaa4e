//! What reads and writes cost, in capacity units.

use super::settings::Scope;
use crate::limits::{READ_UNIT, WRITE_UNIT};
use smol_str::SmolStr;

/// The units that an operation has consumed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Consumed {
    /// Of the table.
    pub table: f64,
    /// Of indexes, those that were touched.
    pub indexes: Vec<(SmolStr, Scope, f64)>,
}

impl Consumed {
    /// Units of the table alone.
    pub fn of_table(units: f64) -> Self {
        Self { table: units, indexes: Vec::new() }
    }

    /// All of them together.
    pub fn total(&self) -> f64 {
        self.table + self.indexes.iter().map(|(_, _, units)| units).sum::<f64>()
    }
}

/// What it costs to read so many bytes: one unit for each 4 KB begun, one at least; half, if not consistent.
pub fn read_units(bytes: usize, is_consistent: bool) -> f64 {
    let units = units(bytes, READ_UNIT);
    if is_consistent { units } else { units / 2.0 }
}

/// What it costs to write so many bytes: one unit for each KB begun, one at least.
pub fn write_units(bytes: usize) -> f64 {
    units(bytes, WRITE_UNIT)
}

#[expect(clippy::cast_precision_loss, reason = "far fewer units than 2^53")]
fn units(bytes: usize, each: usize) -> f64 {
    bytes.div_ceil(each).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_begun_and_paid_whole() {
        assert_eq!([0, 1, 4096, 4097, 8192].map(|bytes| read_units(bytes, true)), [1.0, 1.0, 1.0, 2.0, 2.0]);
        assert_eq!([0, 4096, 4097].map(|bytes| read_units(bytes, false)), [0.5, 0.5, 1.0]);
        assert_eq!([0, 1024, 1025, 409_600].map(write_units), [1.0, 1.0, 2.0, 400.0]);
    }
}
