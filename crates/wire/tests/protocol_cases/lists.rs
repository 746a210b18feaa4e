//! The two lists of cases that need not pass: those that cannot apply to a server, each with its reason, and those that
//! fail as yet. A case of either list that passes must leave it.

/// The cases of a list, by name, with what is said of each.
pub(crate) struct List(Vec<(&'static str, &'static str)>);

/// Cases that cannot apply to a server.
pub(crate) fn not_for_a_server() -> List {
    List::parse(include_str!("not_for_a_server.txt"))
}

/// Cases that fail and should not.
pub(crate) fn failing() -> List {
    List::parse(include_str!("failing.txt"))
}

impl List {
    fn parse(text: &'static str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(|line| line.split_once('\t').unwrap_or((line, ""))).collect())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(listed, _)| *listed == name)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|(name, _)| *name)
    }
}

#[test]
fn every_case_that_is_left_out_has_a_reason_and_is_listed_once() {
    let (left_out, failing) = (not_for_a_server(), failing());
    assert!(left_out.0.iter().all(|(_, reason)| !reason.is_empty()));
    let mut names: Vec<_> = left_out.names().chain(failing.names()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
