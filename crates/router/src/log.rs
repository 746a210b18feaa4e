//! What the process says of its own troubles, on standard error: one line an event, its fields behind its sentence.
//!
//! Errors are the causes of what a caller is only told as `InternalFailure`. An event whose level is not asked for costs
//! the comparison of a number.

use std::fmt;
use std::io::Write;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

/// From now on our own events up to this level go to standard error. The first call of a process counts.
pub fn to_stderr(level: LevelFilter) {
    // who comes second finds the first one's there
    drop(tracing::subscriber::set_global_default(Stderr(level)));
}

struct Stderr(LevelFilter);

impl Subscriber for Stderr {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= self.0 && metadata.is_event() && metadata.target().starts_with("mesh_")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        // A standard error that is closed is no reason to end.
        writeln!(std::io::stderr(), "{}", line(event)).ok();
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// `ERROR mesh_router: a sentence name=value`.
fn line(event: &Event<'_>) -> String {
    let mut said = Said::default();
    event.record(&mut said);
    let metadata = event.metadata();
    let place = metadata.target().split("::").next().unwrap_or_default();
    format!("{} {place}: {}{}", metadata.level(), said.sentence, said.fields)
}

#[derive(Default)]
struct Said {
    sentence: String,
    fields: String,
}

impl Visit for Said {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.sentence = format!("{value:?}"),
            name => self.fields.push_str(&format!(" {name}={value:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Keeps the lines.
    struct Kept(Stderr, Arc<Mutex<Vec<String>>>);

    impl Subscriber for Kept {
        fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
            self.0.register_callsite(metadata)
        }

        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            self.0.enabled(metadata)
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            self.0.new_span(span)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            self.1.lock().expect("no panic before").push(line(event));
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn our_own_events_up_to_the_level_are_told_with_their_fields() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        tracing::subscriber::with_default(Kept(Stderr(LevelFilter::WARN), Arc::clone(&lines)), || {
            tracing::error!(request_id = 7, source = "a disk", "it broke");
            tracing::info!("not asked for");
            tracing::warn!(target: "hyper", "not ours");
        });
        let lines = lines.lock().expect("no panic before");
        assert_eq!(*lines, [r#"ERROR mesh_router: it broke request_id=7 source="a disk""#]);
    }
}
