//! Consumed capacity and item collections, as far as the caller asks for them.

use crate::domain::settings::Scope;
use crate::domain::{Consumed, Item};
use mesh_attributes::Shown;
use mesh_models::dynamodb::{Capacity, ConsumedCapacity, ItemCollectionMetrics};
use mesh_wire::Map;

/// `ConsumedCapacity`, if `ReturnConsumedCapacity` is `TOTAL` or `INDEXES`. `table` is what the caller called it: the
/// name or the ARN.
pub(crate) fn consumed(asked: Option<&str>, table: &str, consumed: &Consumed) -> Option<ConsumedCapacity> {
    let is_detailed = match asked {
        Some("INDEXES") => true,
        Some("TOTAL") => false,
        _ => return None,
    };
    let of_scope = |scope: Scope| -> Option<Map<Capacity>> {
        let of_scope = consumed.indexes.iter().filter(|(_, its, _)| is_detailed && *its == scope);
        let map: Map<_> = of_scope.map(|(name, _, units)| (name.to_string(), capacity(*units))).collect();
        (!map.is_empty()).then_some(map)
    };
    Some(ConsumedCapacity {
        table_name: Some(table.to_owned()),
        capacity_units: Some(consumed.total()),
        table: is_detailed.then(|| capacity(consumed.table)),
        local_secondary_indexes: of_scope(Scope::Local),
        global_secondary_indexes: of_scope(Scope::Global),
        ..ConsumedCapacity::default()
    })
}

fn capacity(units: f64) -> Capacity {
    Capacity { capacity_units: Some(units), ..Capacity::default() }
}

/// `ItemCollectionMetrics`, if `ReturnItemCollectionMetrics` is `SIZE` and the table has local indexes. The estimate is
/// always the first of AWS's ranges, up to 1 GB.
pub(crate) fn collection(asked: Option<&str>, key: Option<Item>) -> Option<ItemCollectionMetrics> {
    let key = key.filter(|_| asked == Some("SIZE"))?;
    Some(ItemCollectionMetrics {
        item_collection_key: Some(Shown::from(key)),
        size_estimate_range_gb: Some(vec![0.0, 1.0]),
    })
}
