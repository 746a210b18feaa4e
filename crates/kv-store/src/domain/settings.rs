//! What a table is set to.

use super::key::{KeyAttribute, KeySchema};
use super::value::Item;
use mesh_types::Timestamp;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What a table is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSettings {
    /// The bits of its id, a UUID.
    pub id: u128,
    /// When it was created.
    pub created_at: Timestamp,
    /// What its key is made of.
    pub keys: KeySchema,
    /// The attributes of its key and of its indexes' keys, as its creator listed them.
    pub attributes: Vec<KeyAttribute>,
    /// Its secondary indexes, the local ones first.
    pub indexes: Vec<IndexSettings>,
    /// How it is paid for.
    pub billing: Billing,
    /// Whether it cannot be deleted.
    pub is_protected: bool,
    /// What is kept and returned, without effect.
    pub stored: StoredSettings,
}

/// How a table is paid for. It is stored: the order of the variants must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Billing {
    /// By the capacity that was asked for. Nothing is throttled.
    Provisioned(Throughput),
    /// By request.
    PerRequest,
}

/// Reads and writes a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct Throughput {
    pub reads: u64,
    pub writes: u64,
}

/// The most reads and writes a second of an on-demand table or index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "they are what they are called")]
pub struct OnDemandLimits {
    pub reads: Option<i64>,
    pub writes: Option<i64>,
}

/// What is kept and returned, without effect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSettings {
    /// The encryption that was asked for, if it is on.
    pub encryption: Option<Encryption>,
    /// The tags.
    pub tags: Vec<(SmolStr, SmolStr)>,
    /// The table class.
    pub table_class: Option<SmolStr>,
    /// The limits of an on-demand table.
    pub on_demand: Option<OnDemandLimits>,
    /// What the table is ready for.
    pub warm: Option<Throughput>,
}

/// Encryption with a key of KMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// The key, where one was named.
    pub key: Option<SmolStr>,
}

/// What a secondary index is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexSettings {
    /// Its number in the table, under which its entries are stored.
    pub number: u16,
    /// Its name.
    pub name: SmolStr,
    /// Local or global.
    pub scope: Scope,
    /// What its key is made of.
    pub keys: KeySchema,
    /// What it shows of an item.
    pub projection: IndexProjection,
    /// Its provisioned capacity, if it is a global one of a provisioned table.
    pub throughput: Option<Throughput>,
    /// Its limits, if it is a global one of an on-demand table.
    pub on_demand: Option<OnDemandLimits>,
    /// What it is ready for.
    pub warm: Option<Throughput>,
}

/// The two kinds of secondary indexes. It is stored: the order of the variants must not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// Of the items of one partition key.
    Local,
    /// Of all items.
    Global,
}

/// What an index shows of an item. It is stored: the order of the variants must not change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum IndexProjection {
    /// All of it.
    All,
    /// The keys of the table and of the index.
    KeysOnly,
    /// These attributes, too.
    Include(Vec<SmolStr>),
}

impl TableSettings {
    /// The index of this name.
    pub fn index(&self, name: &str) -> Option<&IndexSettings> {
        self.indexes.iter().find(|index| index.name == name)
    }

    /// Whether it has local indexes, and so item collections whose size is of interest.
    pub fn has_local_indexes(&self) -> bool {
        self.indexes.iter().any(|index| index.scope == Scope::Local)
    }

    /// The attributes of the table's key and of the index's key in this item: where a page ends.
    pub fn position(&self, index: Option<&IndexSettings>, item: &Item) -> Item {
        let mut position = self.keys.attributes_of(item);
        if let Some(index) = index {
            for (name, value) in index.keys.attributes_of(item) {
                position.insert(name, value);
            }
        }
        position
    }
}

impl IndexSettings {
    /// Whether it shows an attribute.
    pub fn shows(&self, table: &KeySchema, name: &str) -> bool {
        let is_key = |keys: &KeySchema| keys.attributes().any(|attribute| attribute.name == name);
        match &self.projection {
            IndexProjection::All => true,
            IndexProjection::KeysOnly => is_key(table) || is_key(&self.keys),
            IndexProjection::Include(names) => {
                is_key(table) || is_key(&self.keys) || names.iter().any(|included| included == name)
            }
        }
    }

    /// What it shows of an item; none where that is all of it.
    pub fn part_of(&self, table: &KeySchema, item: &Item) -> Option<Item> {
        if self.projection == IndexProjection::All {
            return None;
        }
        let shown = item.iter().filter(|(name, _)| self.shows(table, name));
        Some(shown.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::KeyKind;
    use crate::domain::literal::item;

    /// Reads `id:S sk:N l=id:S/x:B g=x:B`: the keys of a table, then its indexes, local ones with an `l` in front,
    /// global ones with a `g`; `~` behind an index's keys keeps it to the keys, `~a,b` adds attributes.
    pub(crate) fn settings(text: &str) -> TableSettings {
        let (mut keys, mut attributes, mut indexes) = (Vec::new(), Vec::<KeyAttribute>::new(), Vec::new());
        for word in text.split(' ') {
            let Some((name, rest)) = word.split_once('=') else {
                keys.push(attribute(word));
                continue;
            };
            let (schema, projection) = rest.split_once('~').map_or((rest, None), |(s, p)| (s, Some(p)));
            indexes.push(IndexSettings {
                number: indexes.len() as u16,
                name: name.into(),
                scope: if name.starts_with('l') { Scope::Local } else { Scope::Global },
                keys: schema_of(schema.split('/').map(attribute)),
                projection: match projection {
                    None => IndexProjection::All,
                    Some("") => IndexProjection::KeysOnly,
                    Some(names) => IndexProjection::Include(names.split(',').map(SmolStr::new).collect()),
                },
                throughput: None,
                on_demand: None,
                warm: None,
            });
        }
        let keys = schema_of(keys.into_iter());
        let all = keys.attributes().chain(indexes.iter().flat_map(|index| index.keys.attributes()));
        for attribute in all {
            if !attributes.contains(attribute) {
                attributes.push(attribute.clone());
            }
        }
        TableSettings {
            id: 0,
            created_at: Timestamp::EPOCH,
            keys,
            attributes,
            indexes,
            billing: Billing::PerRequest,
            is_protected: false,
            stored: StoredSettings::default(),
        }
    }

    fn schema_of(mut attributes: impl Iterator<Item = KeyAttribute>) -> KeySchema {
        KeySchema { hash: attributes.next().expect("a partition key"), range: attributes.next() }
    }

    fn attribute(text: &str) -> KeyAttribute {
        let (name, kind) = text.split_once(':').expect("a name and a type");
        let kind = match kind {
            "S" => KeyKind::S,
            "N" => KeyKind::N,
            _ => KeyKind::B,
        };
        KeyAttribute { name: name.into(), kind }
    }

    #[test]
    fn an_index_shows_what_it_projects() {
        let settings = settings("id:S sk:N g1=x:S g2=x:S~ g3=x:S~a,b");
        let whole = item("{id: 'p', sk: 1, x: 'y', a: 1, c: 2}");
        let parts = settings.indexes.iter().map(|index| index.part_of(&settings.keys, &whole));
        let expected =
            [None, Some(item("{id: 'p', sk: 1, x: 'y'}")), Some(item("{id: 'p', sk: 1, x: 'y', a: 1}"))];
        assert_eq!(parts.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_page_of_an_index_ends_at_the_keys_of_both() {
        let settings = settings("id:S sk:N g=x:S");
        let whole = item("{id: 'p', sk: 1, x: 'y', a: 1}");
        assert_eq!(settings.position(None, &whole), item("{id: 'p', sk: 1}"));
        assert_eq!(settings.position(settings.index("g"), &whole), item("{id: 'p', sk: 1, x: 'y'}"));
    }
}
