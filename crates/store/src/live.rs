//! What mirrors the running process: waiters, processes, connections. Never in a table.

use parking_lot::RwLock;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// One value of each type that a service keeps for a universe while the process runs. A fork begins with none.
#[derive(Default)]
pub struct Live(RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Live {
    /// The universe's value of this type, made at the first call.
    pub fn of<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let id = TypeId::of::<T>();
        if let Some(found) = self.0.read().get(&id).cloned().and_then(|value| value.downcast().ok()) {
            return found;
        }
        let mut values = self.0.write();
        let value = values.entry(id).or_insert_with(|| Arc::new(T::default()));
        Arc::clone(value).downcast().unwrap_or_default()
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} live values", self.0.read().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn there_is_one_value_of_each_type() {
        let live = Live::default();
        live.of::<AtomicU32>().store(7, Ordering::Relaxed);
        assert_eq!(live.of::<AtomicU32>().load(Ordering::Relaxed), 7);
    }
}
