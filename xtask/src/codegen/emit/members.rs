//! `members.txt`: the top-level input members of every operation, for `cargo xtask coverage`.

use super::GENERATED;
use crate::codegen::model::Model;

/// The first lines of the file.
pub(in crate::codegen) fn header() -> String {
    format!("# {GENERATED}\n# A line an operation: service, operation, the members of its input.\n")
}

/// The lines of a service.
pub(in crate::codegen) fn of(service: &str, model: &Model) -> String {
    let mut lines = String::new();
    for (name, operation) in &model.operations {
        let input = operation.input.as_ref().and_then(|input| model.shapes.get(&input.shape));
        let members = input.into_iter().flat_map(|shape| shape.members.iter().map(|(name, _)| name.as_str()));
        let mut members: Vec<&str> = members.collect();
        members.sort_unstable();
        let words: Vec<&str> = [service, name].into_iter().chain(members).collect();
        lines.push_str(&words.join(" "));
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_has_a_line_with_its_members_sorted() {
        let lines = of("probe", &crate::codegen::prune::tests::model());
        assert_eq!(lines, "probe Get\nprobe Other\nprobe Put Names Secret\n");
    }
}
