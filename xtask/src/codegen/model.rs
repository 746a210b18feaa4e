//! botocore's `service-2.json`, as far as it describes the wire. Unknown traits are refused, because one that is passed
//! over in silence is a field that goes wrong on the wire.

use anyhow::{Context, Result};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// A service's model.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct Model {
    pub(super) metadata: Metadata,
    pub(super) operations: BTreeMap<String, Operation>,
    pub(super) shapes: BTreeMap<String, Shape>,
    #[serde(skip)]
    pub(super) paginators: BTreeMap<String, Paginator>,
}

/// What holds for the whole service.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) api_version: String,
    pub(super) endpoint_prefix: String,
    pub(super) protocol: String,
    pub(super) protocols: Option<Vec<String>>,
    pub(super) json_version: Option<String>,
    pub(super) service_full_name: String,
    pub(super) signing_name: Option<String>,
    pub(super) target_prefix: Option<String>,
    pub(super) xml_namespace: Option<String>,
    pub(super) aws_query_compatible: Option<IgnoredAny>,
}

/// An operation.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    pub(super) http: Http,
    pub(super) input: Option<Reference>,
    pub(super) output: Option<Reference>,
    #[serde(default)]
    pub(super) errors: Vec<Reference>,
}

/// An operation's HTTP binding.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Http {
    pub(super) method: String,
    pub(super) request_uri: String,
    pub(super) response_code: Option<u16>,
}

/// A shape's use by a member, a container or an operation, with the traits of that use.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Reference {
    pub(super) shape: String,
    pub(super) location: Option<String>,
    pub(super) location_name: Option<String>,
    #[serde(default)]
    pub(super) flattened: bool,
    #[serde(default)]
    pub(super) idempotency_token: bool,
    #[serde(default)]
    pub(super) jsonvalue: bool,
    #[serde(default)]
    pub(super) host_label: bool,
    #[serde(default)]
    pub(super) xml_attribute: bool,
    #[serde(default)]
    pub(super) streaming: bool,
    pub(super) timestamp_format: Option<String>,
    pub(super) xml_namespace: Option<XmlNamespace>,
    pub(super) result_wrapper: Option<String>,
    /// The name in awsQuery and XML where it is not `location_name`, from an overlay.
    #[serde(skip)]
    pub(super) xml_name: Option<String>,
    /// The content type of an answer whose payload this is, from an overlay.
    #[serde(skip)]
    pub(super) media_type: Option<String>,

    // of no consequence for a server, or repeated elsewhere
    #[serde(default, rename = "documentation")]
    pub(super) _documentation: Ignored,
    #[serde(default, rename = "box")]
    pub(super) _box: Ignored,
    #[serde(default, rename = "deprecated")]
    pub(super) _deprecated: Ignored,
    #[serde(default, rename = "deprecatedMessage")]
    pub(super) _deprecated_message: Ignored,
    #[serde(default, rename = "deprecatedSince")]
    pub(super) _deprecated_since: Ignored,
    #[serde(default, rename = "contextParam")]
    pub(super) _context_parameter: Ignored,
    #[serde(default, rename = "eventpayload")]
    pub(super) _event_payload: Ignored,
    #[serde(default, rename = "eventheader")]
    pub(super) _event_header: Ignored,
    #[serde(default, rename = "enum")]
    pub(super) _enumeration: Ignored,
}

/// What is read and dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Ignored;

impl<'de> Deserialize<'de> for Ignored {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(from).map(|_| Self)
    }
}

/// A namespace of an element.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum XmlNamespace {
    /// Its address alone.
    Plain(String),
    /// With a prefix.
    Full { uri: String, prefix: Option<String> },
}

/// A shape.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Shape {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) members: Ordered<Reference>,
    pub(super) member: Option<Reference>,
    pub(super) key: Option<Reference>,
    pub(super) value: Option<Reference>,
    #[serde(default)]
    pub(super) required: Vec<String>,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    pub(super) pattern: Option<String>,
    #[serde(default, rename = "enum")]
    pub(super) enumeration: Vec<String>,
    #[serde(default)]
    pub(super) sensitive: bool,
    #[serde(default)]
    pub(super) flattened: bool,
    #[serde(default)]
    pub(super) sparse: bool,
    #[serde(default)]
    pub(super) union: bool,
    #[serde(default)]
    pub(super) document: bool,
    #[serde(default)]
    pub(super) streaming: bool,
    #[serde(default)]
    pub(super) eventstream: bool,
    pub(super) payload: Option<String>,
    pub(super) timestamp_format: Option<String>,
    pub(super) xml_namespace: Option<XmlNamespace>,
    #[serde(default)]
    pub(super) exception: bool,
    #[serde(default)]
    pub(super) fault: bool,
    pub(super) error: Option<ErrorTrait>,
    /// The namespace in front of an error's code, from an overlay.
    #[serde(skip)]
    pub(super) namespace: Option<String>,
    /// No structure at all: what an operation without input or output has.
    #[serde(skip)]
    pub(super) is_unit: bool,
    /// The service checks values itself, so the model's constraints are not, from an overlay.
    #[serde(skip)]
    pub(super) is_free: bool,
    /// The path of the type, written by hand, that values of this shape are, from an overlay.
    #[serde(skip)]
    pub(super) rust_type: Option<String>,

    #[serde(default, rename = "documentation")]
    pub(super) _documentation: Ignored,
    #[serde(default, rename = "box")]
    pub(super) _box: Ignored,
    #[serde(default, rename = "deprecated")]
    pub(super) _deprecated: Ignored,
    #[serde(default, rename = "deprecatedMessage")]
    pub(super) _deprecated_message: Ignored,
    #[serde(default, rename = "retryable")]
    pub(super) _retryable: Ignored,
    #[serde(default, rename = "synthetic")]
    pub(super) _synthetic: Ignored,
    #[serde(default, rename = "event")]
    pub(super) _event: Ignored,
    #[serde(default, rename = "wrapper")]
    pub(super) _wrapper: Ignored,
    // where a map's or list's own name matters, the member that holds it repeats it
    #[serde(default, rename = "locationName")]
    pub(super) _location_name: Ignored,
}

/// How an error is answered.
#[derive(Debug, Clone, Default, PartialEq, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ErrorTrait {
    pub(super) code: Option<String>,
    pub(super) http_status_code: Option<u16>,
    pub(super) fault: bool,
}

/// `paginators-1.json`.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Paginators {
    #[serde(default)]
    pub(super) pagination: BTreeMap<String, Paginator>,
}

/// How an operation's list is cut into pages.
#[derive(Debug, Clone, serde::Deserialize)]
pub(super) struct Paginator {
    pub(super) input_token: OneOrMany,
    pub(super) output_token: OneOrMany,
    pub(super) limit_key: Option<String>,
    #[serde(default)]
    pub(super) result_key: OneOrMany,
}

/// A string, or several.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl OneOrMany {
    /// All of them.
    pub(super) fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}

impl Model {
    /// The shape of a name.
    pub(super) fn shape(&self, name: &str) -> Result<&Shape> {
        self.shapes.get(name).with_context(|| format!("the model has no shape {name}"))
    }

    /// The shape that a reference leads to.
    pub(super) fn target(&self, reference: &Reference) -> Result<&Shape> {
        self.shape(&reference.shape)
    }
}

impl Reference {
    /// A plain use of a shape.
    pub(super) fn to(shape: &str) -> Self {
        Self { shape: shape.to_owned(), ..Self::default() }
    }
}

/// A JSON object in the order in which it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ordered<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Ordered<T> {
    /// The entries, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(String, T)> {
        self.0.iter()
    }

    /// The entry of a name.
    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.0.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct InOrder<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for InOrder<T> {
            type Value = Ordered<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Ordered(entries))
            }
        }

        from.deserialize_map(InOrder(PhantomData))
    }
}
