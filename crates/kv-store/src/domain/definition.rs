//! The definition of a new table, checked in AWS's order and words.

use super::failure::{Invalid, NotServed};
use super::key::{KeyAttribute, KeyKind, KeySchema};
use super::settings::{
    Billing, IndexProjection, IndexSettings, OnDemandLimits, Scope, StoredSettings, TableSettings, Throughput,
};
use crate::limits::{MAX_CAPACITY_UNITS, MAX_GLOBAL_INDEXES, MAX_LOCAL_INDEXES};
use mesh_types::Timestamp;
use smol_str::SmolStr;

/// A table as its creator defines it. What the model demands of single members has been checked.
#[derive(Debug, Clone, Default)]
pub struct Definition {
    /// `AttributeDefinitions`.
    pub attributes: Vec<KeyAttribute>,
    /// `KeySchema`.
    pub keys: Vec<KeyElement>,
    /// `LocalSecondaryIndexes`.
    pub local_indexes: Option<Vec<IndexDefinition>>,
    /// `GlobalSecondaryIndexes`.
    pub global_indexes: Option<Vec<IndexDefinition>>,
    /// Whether `BillingMode` is `PAY_PER_REQUEST`.
    pub is_per_request: bool,
    /// `ProvisionedThroughput`, each unit as it was given.
    pub throughput: Option<GivenThroughput>,
    /// `DeletionProtectionEnabled`.
    pub is_protected: bool,
    /// What is kept and returned only.
    pub stored: StoredSettings,
}

/// `ReadCapacityUnits` and `WriteCapacityUnits` as they were given.
#[derive(Debug, Clone, Copy, Default)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct GivenThroughput {
    pub reads: Option<i64>,
    pub writes: Option<i64>,
}

/// One element of a `KeySchema`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyElement {
    /// The attribute.
    pub name: SmolStr,
    /// Whether it is the partition key, `HASH`; else it is the sort key, `RANGE`.
    pub is_hash: bool,
}

/// An index as its creator defines it.
#[derive(Debug, Clone)]
pub struct IndexDefinition {
    /// `IndexName`.
    pub name: SmolStr,
    /// `KeySchema`.
    pub keys: Vec<KeyElement>,
    /// `ProjectionType`.
    pub projection_type: Option<String>,
    /// `NonKeyAttributes`.
    pub non_key_attributes: Option<Vec<SmolStr>>,
    /// `ProvisionedThroughput`.
    pub throughput: Option<GivenThroughput>,
    /// `OnDemandThroughput`.
    pub on_demand: Option<OnDemandLimits>,
    /// `WarmThroughput`.
    pub warm: Option<Throughput>,
}

impl Definition {
    /// The settings of the table, without its id and its moment.
    ///
    /// # Errors
    /// A definition that no table can have; one that is not served yet.
    pub fn check<E: From<Invalid> + From<NotServed>>(self) -> Result<TableSettings, E> {
        let throughput = self.check_billing()?;
        self.check_keys()?;
        let has_indexes = self.local_indexes.is_some() || self.global_indexes.is_some();
        if !has_indexes && self.keys.len() != self.attributes.len() {
            return Err(Invalid::values(
                "Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions",
            )
            .into());
        }
        let keys = self.schema(&self.keys)?;
        let mut indexes = Vec::new();
        for (scope, definitions) in
            [(Scope::Local, &self.local_indexes), (Scope::Global, &self.global_indexes)]
        {
            if let Some(definitions) = definitions {
                self.check_indexes::<E>(scope, definitions, &keys, &mut indexes)?;
            }
        }
        self.check_use(&keys, &indexes)?;
        let Self { attributes, is_protected, stored, .. } = self;
        let billing = throughput.map_or(Billing::PerRequest, Billing::Provisioned);
        let (id, created_at) = (0, Timestamp::EPOCH);
        Ok(TableSettings { id, created_at, keys, attributes, indexes, billing, is_protected, stored })
    }

    fn check_billing(&self) -> Result<Option<Throughput>, Invalid> {
        let words = match (self.is_per_request, self.throughput) {
            (true, None) => return Ok(None),
            (true, Some(_)) => {
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
            }
            (false, Some(GivenThroughput { reads: Some(reads), writes: Some(writes) })) => {
                return throughput(reads, writes).map(Some);
            }
            (false, _) => {
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
            }
        };
        Err(Invalid::values(words))
    }

    fn check_keys(&self) -> Result<(), Invalid> {
        if self.keys.is_empty() {
            return Err(no_keys());
        }
        let names: Vec<&SmolStr> = self.attributes.iter().map(|attribute| &attribute.name).collect();
        let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
        if let Some((_, name)) = twice {
            return Err(Invalid::new(format!("Attribute Name is duplicated: {name}")));
        }
        if self.keys.len() > 2 {
            return Err(too_many_keys(&self.keys));
        }
        if self.keys.len() > self.attributes.len() {
            return Err(Invalid::new("Invalid KeySchema: Some index key attribute have no definition"));
        }
        self.check_elements(&self.keys)
    }

    /// What holds for the keys of a table and of an index alike.
    fn check_elements(&self, keys: &[KeyElement]) -> Result<(), Invalid> {
        let is_defined = |name: &SmolStr| self.attributes.iter().any(|attribute| attribute.name == *name);
        if !keys.iter().all(|key| is_defined(&key.name)) {
            let keys = list(keys.iter().map(|key| &key.name));
            let defined = list(self.attributes.iter().map(|attribute| &attribute.name));
            return Err(Invalid::values(format!(
                "Some index key attributes are not defined in AttributeDefinitions. Keys: [{keys}], AttributeDefinitions: [{defined}]"
            )));
        }
        match keys {
            [first, second] if first.name == second.name => Err(Invalid::new(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name",
            )),
            [first, ..] if !first.is_hash => {
                Err(Invalid::new("Invalid KeySchema: The first KeySchemaElement is not a HASH key type"))
            }
            [_, second] if second.is_hash => {
                Err(Invalid::new("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"))
            }
            _ => Ok(()),
        }
    }

    /// The schema of keys that are defined.
    fn schema(&self, keys: &[KeyElement]) -> Result<KeySchema, Invalid> {
        let attribute =
            |key: &KeyElement| self.attributes.iter().find(|attribute| attribute.name == key.name);
        let mut attributes = keys.iter().filter_map(attribute).cloned();
        let hash = attributes.next().ok_or_else(no_keys)?;
        Ok(KeySchema { hash, range: attributes.next() })
    }

    fn check_indexes<E: From<Invalid> + From<NotServed>>(
        &self,
        scope: Scope,
        definitions: &[IndexDefinition],
        table: &KeySchema,
        indexes: &mut Vec<IndexSettings>,
    ) -> Result<(), E> {
        let (list, most) = match scope {
            Scope::Local => ("LocalSecondaryIndexes", MAX_LOCAL_INDEXES),
            Scope::Global => ("GlobalSecondaryIndexes", MAX_GLOBAL_INDEXES),
        };
        if definitions.is_empty() {
            return Err(Invalid::values(format!("List of {list} is empty")).into());
        }
        if scope == Scope::Local && table.range.is_none() {
            return Err(Invalid::values(
                "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
            )
            .into());
        }
        for definition in definitions {
            if definition.keys.len() > 2 {
                return Err(NotServed { what: "indexes whose keys have more than two attributes" }.into());
            }
            let number = u16::try_from(indexes.len()).unwrap_or(u16::MAX);
            let index = self.check_index(scope, number, definition, table)?;
            if indexes.iter().any(|other| other.name == index.name) {
                return Err(Invalid::values(format!("Duplicate index name: {}", index.name)).into());
            }
            indexes.push(index);
        }
        if definitions.len() > most {
            return Err(Invalid::values(match scope {
                Scope::Local => format!("Number of LocalSecondaryIndexes exceeds per-table limit of {most}"),
                Scope::Global => format!("GlobalSecondaryIndex count exceeds the per-table limit of {most}"),
            })
            .into());
        }
        Ok(())
    }

    fn check_index(
        &self,
        scope: Scope,
        number: u16,
        definition: &IndexDefinition,
        table: &KeySchema,
    ) -> Result<IndexSettings, Invalid> {
        let name = &definition.name;
        self.check_elements(&definition.keys)?;
        let keys = self.schema(&definition.keys)?;
        if scope == Scope::Local {
            if keys.range.is_none() {
                return Err(Invalid::values(format!(
                    "Index KeySchema does not have a range key for index: {name}"
                )));
            }
            if keys.hash.name != table.hash.name {
                let (own, whole) = (&keys.hash.name, &table.hash.name);
                return Err(Invalid::values(format!(
                    "Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. index hash key: {own}, table hash key: {whole}"
                )));
            }
        }
        let projection = definition.projection()?;
        let throughput = match scope {
            Scope::Local => None,
            Scope::Global => self.index_throughput(definition)?,
        };
        let IndexDefinition { on_demand, warm, .. } = *definition;
        Ok(IndexSettings { number, name: name.clone(), scope, keys, projection, throughput, on_demand, warm })
    }

    fn index_throughput(&self, definition: &IndexDefinition) -> Result<Option<Throughput>, Invalid> {
        let name = &definition.name;
        match (self.is_per_request, definition.throughput) {
            (true, None) => Ok(None),
            (true, Some(_)) => Err(Invalid::values(format!(
                "ProvisionedThroughput should not be specified for index: {name} when BillingMode is PAY_PER_REQUEST"
            ))),
            (false, Some(GivenThroughput { reads: Some(reads), writes: Some(writes) })) => {
                throughput(reads, writes).map(Some)
            }
            (false, _) => {
                Err(Invalid::values(format!("ProvisionedThroughput is not specified for index: {name}")))
            }
        }
    }

    /// Refuses attributes that no key is made of.
    fn check_use(&self, keys: &KeySchema, indexes: &[IndexSettings]) -> Result<(), Invalid> {
        let all = keys.attributes().chain(indexes.iter().flat_map(|index| index.keys.attributes()));
        let mut used: Vec<&SmolStr> = Vec::new();
        for attribute in all {
            if !used.contains(&&attribute.name) {
                used.push(&attribute.name);
            }
        }
        if self.attributes.iter().all(|attribute| used.contains(&&attribute.name)) {
            return Ok(());
        }
        let defined = list(self.attributes.iter().map(|attribute| &attribute.name));
        let used = list(used.into_iter());
        Err(Invalid::values(format!(
            "Some AttributeDefinitions are not used. AttributeDefinitions: [{defined}], keys used: [{used}]"
        )))
    }
}

impl IndexDefinition {
    fn projection(&self) -> Result<IndexProjection, Invalid> {
        let wrong = |words: &str| Err(Invalid::values(format!("ProjectionType is {words}")));
        match (self.projection_type.as_deref(), &self.non_key_attributes) {
            (Some("ALL"), None) => Ok(IndexProjection::All),
            (Some("KEYS_ONLY"), None) => Ok(IndexProjection::KeysOnly),
            (Some("INCLUDE"), Some(names)) => {
                let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
                match twice {
                    Some((_, name)) => {
                        Err(Invalid::values(format!("Duplicate element in NonKeyAttributes: {name}")))
                    }
                    None => Ok(IndexProjection::Include(names.clone())),
                }
            }
            (Some("INCLUDE"), None) => wrong("INCLUDE, but NonKeyAttributes is not specified"),
            (Some(other), _) => wrong(&format!("{other}, but NonKeyAttributes is specified")),
            (None, _) => Err(Invalid::values("Unknown ProjectionType: null")),
        }
    }
}

/// Capacity that was asked for, each at least one as the model demands.
fn throughput(reads: i64, writes: i64) -> Result<Throughput, Invalid> {
    for (units, name) in [(reads, "ReadCapacityUnits"), (writes, "WriteCapacityUnits")] {
        if units > MAX_CAPACITY_UNITS {
            return Err(Invalid::new(format!("Given value {units} for {name} is out of bounds")));
        }
    }
    Ok(Throughput { reads: reads.unsigned_abs(), writes: writes.unsigned_abs() })
}

fn list<'a>(names: impl Iterator<Item = &'a SmolStr>) -> String {
    names.map(SmolStr::as_str).collect::<Vec<_>>().join(", ")
}

fn no_keys() -> Invalid {
    let sentence = "Value null at 'keySchema' failed to satisfy constraint: Member must not be null";
    Invalid::new(sentence).in_envelope()
}

fn too_many_keys(keys: &[KeyElement]) -> Invalid {
    let show = |key: &KeyElement| {
        let kind = if key.is_hash { "HASH" } else { "RANGE" };
        format!("KeySchemaElement(attributeName={}, keyType={kind})", key.name)
    };
    let keys = keys.iter().map(show).collect::<Vec<_>>().join(", ");
    let sentence = format!(
        "Value '[{keys}]' at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2"
    );
    Invalid::new(sentence).in_envelope()
}

/// The type of a key attribute, from its letter. The model admits no other.
pub fn key_kind(letter: &str) -> KeyKind {
    match letter {
        "S" => KeyKind::S,
        "N" => KeyKind::N,
        _ => KeyKind::B,
    }
}
