//! CreateTable: makes a table, with its secondary indexes.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>
//! Done: AttributeDefinitions TableName KeySchema LocalSecondaryIndexes GlobalSecondaryIndexes BillingMode
//!   DeletionProtectionEnabled
//! Stored: ProvisionedThroughput SSESpecification Tags TableClass WarmThroughput OnDemandThroughput
//! Refused: StreamSpecification ResourcePolicy GlobalTableSourceArn GlobalTableSettingsReplicationMode VectorIndexes
//! Deviates: the table is active at once; a stream that is not enabled is taken; indexes with keys of more than two
//!   attributes are refused

use crate::domain::definition::{Definition, GivenThroughput, IndexDefinition, KeyElement, key_kind};
use crate::domain::failure::Invalid;
use crate::domain::settings::{Encryption, OnDemandLimits, StoredSettings, Throughput};
use crate::domain::{KeyAttribute, TableAddress};
use crate::limits::{WARM_READS, WARM_WRITES};
use crate::shapes::description::{Status, describe};
use crate::shapes::expressions::refuse;
use crate::state::directory::{self, Directory, Entry};
use mesh_models::dynamodb::{
    AttributeDefinition, CreateTableError, CreateTableInput, CreateTableOutput, GlobalSecondaryIndex,
    KeySchemaElement, LocalSecondaryIndex, OnDemandThroughput, Projection, ProvisionedThroughput,
    SSESpecification, StreamSpecification, Tag, WarmThroughput,
};
use mesh_router::Context;
use mesh_types::Arn;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: CreateTableInput,
) -> Result<CreateTableOutput, CreateTableError> {
    let CreateTableInput {
        attribute_definitions,
        table_name,
        key_schema,
        local_secondary_indexes,
        global_secondary_indexes,
        billing_mode,
        provisioned_throughput,
        stream_specification,
        sse_specification,
        tags,
        table_class,
        deletion_protection_enabled,
        warm_throughput,
        resource_policy,
        on_demand_throughput,
        global_table_source_arn,
        global_table_settings_replication_mode,
        vector_indexes,
    } = input;
    let address = TableAddress::parse(cx, &table_name.unwrap_or_default())?;
    address.name.check_new()?;
    let is_streamed =
        stream_specification.is_some_and(|StreamSpecification { stream_enabled, stream_view_type: _ }| {
            stream_enabled == Some(true)
        });
    refuse(&[
        ("an enabled StreamSpecification", is_streamed),
        ("ResourcePolicy", resource_policy.is_some()),
        ("GlobalTableSourceArn", global_table_source_arn.is_some()),
        ("GlobalTableSettingsReplicationMode", global_table_settings_replication_mode.is_some()),
        ("VectorIndexes", vector_indexes.is_some()),
        ("tables of other accounts", address.key.account() != cx.account()),
    ])?;
    let definition = Definition {
        attributes: attribute_definitions.unwrap_or_default().into_iter().map(attribute).collect(),
        keys: key_elements(key_schema),
        local_indexes: local_secondary_indexes.map(|indexes| indexes.into_iter().map(local_index).collect()),
        global_indexes: global_secondary_indexes
            .map(|indexes| indexes.into_iter().map(global_index).collect()),
        is_per_request: billing_mode.as_deref() == Some("PAY_PER_REQUEST"),
        throughput: provisioned_throughput.map(given),
        is_protected: deletion_protection_enabled.unwrap_or(false),
        stored: StoredSettings {
            encryption: sse_specification.map(|sse| encryption(cx, sse)).transpose()?.flatten(),
            tags: tags.unwrap_or_default().into_iter().map(tag).collect(),
            table_class: table_class.map(SmolStr::from),
            on_demand: on_demand_throughput.map(on_demand),
            warm: warm_throughput.map(warm),
        },
    };
    let settings = definition.check::<CreateTableError>()?;
    let directory = directory::key_of(address.key.account(), address.key.region());
    let (settings, size) = cx.write(&address.key, |table, tx| {
        let mut settings = settings.clone();
        (settings.id, settings.created_at) = (tx.draw().next_u128(), tx.now());
        table.create(address.name.as_str(), settings.clone())?;
        let entry = Entry { created_at: tx.now() };
        tx.on(&directory, |directory: &mut Directory, _| {
            directory.tables.insert(address.name.clone(), entry)
        })?;
        Ok::<_, CreateTableError>((settings, table.size()))
    })?;
    let description = describe(&address, &settings, &size, Status::Creating);
    Ok(CreateTableOutput { table_description: Some(description) })
}

fn attribute(definition: AttributeDefinition) -> KeyAttribute {
    let AttributeDefinition { attribute_name, attribute_type } = definition;
    let kind = key_kind(attribute_type.as_deref().unwrap_or_default());
    KeyAttribute { name: attribute_name.unwrap_or_default().into(), kind }
}

fn key_elements(schema: Option<Vec<KeySchemaElement>>) -> Vec<KeyElement> {
    let element = |KeySchemaElement { attribute_name, key_type }| KeyElement {
        name: attribute_name.unwrap_or_default().into(),
        is_hash: key_type.as_deref() == Some("HASH"),
    };
    schema.unwrap_or_default().into_iter().map(element).collect()
}

fn local_index(index: LocalSecondaryIndex) -> IndexDefinition {
    let LocalSecondaryIndex { index_name, key_schema, projection } = index;
    let Projection { projection_type, non_key_attributes } = projection.unwrap_or_default();
    IndexDefinition {
        name: index_name.unwrap_or_default().into(),
        keys: key_elements(key_schema),
        projection_type,
        non_key_attributes: non_key_attributes.map(names),
        throughput: None,
        on_demand: None,
        warm: None,
    }
}

fn global_index(index: GlobalSecondaryIndex) -> IndexDefinition {
    let GlobalSecondaryIndex {
        index_name,
        key_schema,
        projection,
        provisioned_throughput,
        on_demand_throughput,
        warm_throughput,
    } = index;
    let Projection { projection_type, non_key_attributes } = projection.unwrap_or_default();
    IndexDefinition {
        name: index_name.unwrap_or_default().into(),
        keys: key_elements(key_schema),
        projection_type,
        non_key_attributes: non_key_attributes.map(names),
        throughput: provisioned_throughput.map(given),
        on_demand: on_demand_throughput.map(on_demand),
        warm: warm_throughput.map(warm),
    }
}

fn names(names: Vec<String>) -> Vec<SmolStr> {
    names.into_iter().map(SmolStr::from).collect()
}

fn given(throughput: ProvisionedThroughput) -> GivenThroughput {
    let ProvisionedThroughput { read_capacity_units, write_capacity_units } = throughput;
    GivenThroughput { reads: read_capacity_units, writes: write_capacity_units }
}

fn on_demand(throughput: OnDemandThroughput) -> OnDemandLimits {
    let OnDemandThroughput { max_read_request_units, max_write_request_units } = throughput;
    OnDemandLimits { reads: max_read_request_units, writes: max_write_request_units }
}

fn warm(throughput: WarmThroughput) -> Throughput {
    let WarmThroughput { read_units_per_second, write_units_per_second } = throughput;
    let units =
        |units: Option<i64>, default| units.and_then(|units| u64::try_from(units).ok()).unwrap_or(default);
    Throughput {
        reads: units(read_units_per_second, WARM_READS),
        writes: units(write_units_per_second, WARM_WRITES),
    }
}

fn tag(tag: Tag) -> (SmolStr, SmolStr) {
    let Tag { key, value } = tag;
    (key.unwrap_or_default().into(), value.unwrap_or_default().into())
}

/// Nothing is encrypted; what was asked for is kept.
fn encryption(cx: &Context, sse: SSESpecification) -> Result<Option<Encryption>, Invalid> {
    let SSESpecification { enabled, sse_type, kms_master_key_id } = sse;
    let is_enabled = enabled.unwrap_or(false);
    let words = match (is_enabled, sse_type.as_deref(), &kms_master_key_id) {
        (false, Some(_), _) => "SSEType can not be specified if Enabled is false",
        (false, None, Some(_)) => "KMSMasterKeyId can not be specified if Enabled is false",
        (true, Some("AES256"), _) => "SSEType AES256 is not supported",
        (true, None, Some(_)) => "SSEType KMS is required if KMSMasterKeyId is specified",
        (false, None, None) => return Ok(None),
        (true, _, key) => {
            let arn = |resource| Arn::new("kms", cx.region(), cx.account(), resource).to_string();
            let key = key.as_deref().map(|key| match key {
                key if key.starts_with("arn:") => key.to_owned(),
                alias if alias.starts_with("alias/") => arn(alias.to_owned()),
                id => arn(format!("key/{id}")),
            });
            return Ok(Some(Encryption { key: key.map(SmolStr::from) }));
        }
    };
    Err(Invalid::values(words))
}
