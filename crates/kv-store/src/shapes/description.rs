//! How a table is described.

use crate::domain::settings::{Billing, IndexProjection, OnDemandLimits, Scope, StoredSettings, Throughput};
use crate::domain::table::Size;
use crate::domain::{IndexSettings, KeyAttribute, KeyKind, KeySchema, TableAddress, TableSettings};
use crate::limits::{WARM_READS, WARM_WRITES};
use crate::state::table::IndexTotals;
use mesh_models::dynamodb::{
    AttributeDefinition, BillingModeSummary, GlobalSecondaryIndexDescription,
    GlobalSecondaryIndexWarmThroughputDescription, KeySchemaElement, LocalSecondaryIndexDescription,
    OnDemandThroughput, Projection, ProvisionedThroughputDescription, SSEDescription, TableClassSummary,
    TableDescription, TableWarmThroughputDescription,
};
use mesh_types::{RequestId, Timestamp};
use mesh_wire::DateTime;

/// What state a table is said to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Creating,
    Active,
    Deleting,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Active => "ACTIVE",
            Self::Deleting => "DELETING",
        }
    }
}

/// The description of a table. Of one that is being deleted AWS tells less.
pub(crate) fn describe(
    address: &TableAddress,
    settings: &TableSettings,
    size: &Size,
    status: Status,
) -> TableDescription {
    let table = TableDescription {
        table_name: Some(address.name.to_string()),
        table_status: Some(status.as_str().to_owned()),
        table_arn: Some(address.arn()),
        // Ids of tables are version 4 UUIDs, as request ids are.
        table_id: Some(RequestId::from_random(settings.id).to_string()),
        item_count: Some(signed(size.items)),
        table_size_bytes: Some(signed(size.totals.bytes)),
        deletion_protection_enabled: Some(settings.is_protected),
        provisioned_throughput: Some(provisioned(match settings.billing {
            Billing::Provisioned(throughput) => Some(throughput),
            Billing::PerRequest => None,
        })),
        billing_mode_summary: (settings.billing == Billing::PerRequest).then(|| BillingModeSummary {
            billing_mode: Some("PAY_PER_REQUEST".to_owned()),
            last_update_to_pay_per_request_date_time: (status != Status::Creating)
                .then(|| moment(settings.created_at)),
        }),
        ..TableDescription::default()
    };
    if status == Status::Deleting {
        return table;
    }
    let StoredSettings { encryption, tags: _, table_class, on_demand, warm } = &settings.stored;
    let (local, global) = describe_indexes(address, settings, size, status);
    TableDescription {
        creation_date_time: Some(moment(settings.created_at)),
        attribute_definitions: Some(settings.attributes.iter().map(definition).collect()),
        key_schema: Some(key_schema(&settings.keys)),
        local_secondary_indexes: (!local.is_empty()).then_some(local),
        global_secondary_indexes: (!global.is_empty()).then_some(global),
        sse_description: encryption.as_ref().map(|encryption| SSEDescription {
            status: Some("ENABLED".to_owned()),
            sse_type: Some("KMS".to_owned()),
            kms_master_key_arn: encryption.key.as_ref().map(ToString::to_string),
            ..SSEDescription::default()
        }),
        table_class_summary: table_class.as_ref().map(|class| TableClassSummary {
            table_class: Some(class.to_string()),
            ..TableClassSummary::default()
        }),
        on_demand_throughput: on_demand.map(limits),
        warm_throughput: ready_for(*warm, settings.billing, status).map(|(warm, status)| {
            TableWarmThroughputDescription {
                read_units_per_second: Some(signed(warm.reads)),
                write_units_per_second: Some(signed(warm.writes)),
                status: Some(status.to_owned()),
            }
        }),
        ..table
    }
}

fn describe_indexes(
    address: &TableAddress,
    settings: &TableSettings,
    size: &Size,
    status: Status,
) -> (Vec<LocalSecondaryIndexDescription>, Vec<GlobalSecondaryIndexDescription>) {
    let (mut local, mut global) = (Vec::new(), Vec::new());
    for (place, index) in settings.indexes.iter().enumerate() {
        let totals = size.totals.indexes.get(place).copied().unwrap_or_default();
        let arn = format!("{}/index/{}", address.arn(), index.name);
        match index.scope {
            Scope::Local => local.push(describe_local(index, totals, arn)),
            Scope::Global => global.push(describe_global(index, totals, arn, settings.billing, status)),
        }
    }
    (local, global)
}

fn describe_local(index: &IndexSettings, totals: IndexTotals, arn: String) -> LocalSecondaryIndexDescription {
    LocalSecondaryIndexDescription {
        index_name: Some(index.name.to_string()),
        key_schema: Some(key_schema(&index.keys)),
        projection: Some(projection(&index.projection)),
        index_size_bytes: Some(signed(totals.bytes)),
        item_count: Some(signed(totals.items)),
        index_arn: Some(arn),
    }
}

fn describe_global(
    index: &IndexSettings,
    totals: IndexTotals,
    arn: String,
    billing: Billing,
    status: Status,
) -> GlobalSecondaryIndexDescription {
    let billing = index.throughput.map_or(billing, Billing::Provisioned);
    GlobalSecondaryIndexDescription {
        index_name: Some(index.name.to_string()),
        key_schema: Some(key_schema(&index.keys)),
        projection: Some(projection(&index.projection)),
        index_status: Some(status.as_str().to_owned()),
        backfilling: None,
        provisioned_throughput: Some(provisioned(index.throughput)),
        index_size_bytes: Some(signed(totals.bytes)),
        item_count: Some(signed(totals.items)),
        index_arn: Some(arn),
        on_demand_throughput: index.on_demand.map(limits),
        warm_throughput: ready_for(index.warm, billing, status).map(|(warm, status)| {
            GlobalSecondaryIndexWarmThroughputDescription {
                read_units_per_second: Some(signed(warm.reads)),
                write_units_per_second: Some(signed(warm.writes)),
                status: Some(status.to_owned()),
            }
        }),
    }
}

/// What a table or index is ready for, and whether it is. AWS does not tell while it creates one that need not be
/// prepared.
fn ready_for(
    asked: Option<Throughput>,
    billing: Billing,
    status: Status,
) -> Option<(Throughput, &'static str)> {
    match (asked, billing) {
        (None, _) if status == Status::Creating => None,
        (Some(asked), _) if status == Status::Creating => Some((asked, "UPDATING")),
        (Some(asked), _) => Some((asked, "ACTIVE")),
        (None, Billing::Provisioned(throughput)) => Some((throughput, "ACTIVE")),
        (None, Billing::PerRequest) => {
            Some((Throughput { reads: WARM_READS, writes: WARM_WRITES }, "ACTIVE"))
        }
    }
}

fn provisioned(throughput: Option<Throughput>) -> ProvisionedThroughputDescription {
    ProvisionedThroughputDescription {
        number_of_decreases_today: Some(0),
        read_capacity_units: Some(throughput.map_or(0, |throughput| signed(throughput.reads))),
        write_capacity_units: Some(throughput.map_or(0, |throughput| signed(throughput.writes))),
        ..ProvisionedThroughputDescription::default()
    }
}

fn limits(on_demand: OnDemandLimits) -> OnDemandThroughput {
    OnDemandThroughput { max_read_request_units: on_demand.reads, max_write_request_units: on_demand.writes }
}

fn definition(attribute: &KeyAttribute) -> AttributeDefinition {
    let letter = match attribute.kind {
        KeyKind::S => "S",
        KeyKind::N => "N",
        KeyKind::B => "B",
    };
    AttributeDefinition {
        attribute_name: Some(attribute.name.to_string()),
        attribute_type: Some(letter.to_owned()),
    }
}

fn key_schema(keys: &KeySchema) -> Vec<KeySchemaElement> {
    let element = |(attribute, kind): (&KeyAttribute, &str)| KeySchemaElement {
        attribute_name: Some(attribute.name.to_string()),
        key_type: Some(kind.to_owned()),
    };
    keys.attributes().zip(["HASH", "RANGE"]).map(element).collect()
}

fn projection(of: &IndexProjection) -> Projection {
    let (kind, names) = match of {
        IndexProjection::All => ("ALL", None),
        IndexProjection::KeysOnly => ("KEYS_ONLY", None),
        IndexProjection::Include(names) => ("INCLUDE", Some(names)),
    };
    Projection {
        projection_type: Some(kind.to_owned()),
        non_key_attributes: names.map(|names| names.iter().map(ToString::to_string).collect()),
    }
}

fn moment(at: Timestamp) -> DateTime {
    DateTime::from_millis(at.as_millis())
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
