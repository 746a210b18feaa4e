//! Tables on a terminal.

use serde_json::Value;
use std::fmt;

/// Rows under a head. All columns but the last are as wide as their widest cell.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(|name| name.to_uppercase()).collect()] }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// A table of objects; a column is the path of a member: `clock.now`.
    pub(crate) fn of(objects: &Value, columns: &[(&str, &str)]) -> Self {
        let head: Vec<&str> = columns.iter().map(|(head, _)| *head).collect();
        let mut table = Self::new(&head);
        for object in objects.as_array().into_iter().flatten() {
            table.row(columns.iter().map(|(_, path)| word(at(object, path))));
        }
        table
    }
}

fn at<'a>(object: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(object, |value, name| &value[name])
}

/// A scalar without quotes; nothing for what is not there.
pub(crate) fn word(scalar: &Value) -> String {
    match scalar {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(&format!("{cell:<width$}  "));
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let universes = json!([
            { "name": "default", "waiting": 0, "clock": { "now": "12:00" } },
            { "name": "pr-17-of-someone", "waiting": 12 },
        ]);
        let columns = [("name", "name"), ("waiting", "waiting"), ("now", "clock.now")];
        assert_eq!(
            Table::of(&universes, &columns).to_string(),
            "NAME              WAITING  NOW\n\
             default           0        12:00\n\
             pr-17-of-someone  12\n"
        );
    }

    #[test]
    fn a_table_without_rows_has_its_head() {
        assert_eq!(Table::of(&Value::Null, &[("name", "name")]).to_string(), "NAME\n");
    }
}
