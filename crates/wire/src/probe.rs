//! A small model for the tests: one structure with a member of every kind, itself among them.

use crate::rules::{Bounds, ConstraintStyle, MemberRule, Rule, Rules};
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use crate::schema::{Schema, ShapeId, ShapeType, shape_id};
use crate::shape::{self, Shape, member, structure};
use crate::{Blob, DateTime, Http, Map, OperationMeta, Protocol, ServiceMeta};

const NAMESPACE: &str = "com.amazonaws.probe";

static TEXT: Schema<'static> =
    member(shape_id!("com.amazonaws.probe", "List"), "member", ShapeType::String, 0);
static ITEM: Schema<'static> =
    member(shape_id!("com.amazonaws.probe", "List"), "member", ShapeType::Structure, 0);
static INNER: Schema<'static> =
    member(shape_id!("com.amazonaws.probe", "List"), "member", ShapeType::List, 0).with_list_member(&TEXT);
static KEY: Schema<'static> = member(shape_id!("com.amazonaws.probe", "Map"), "key", ShapeType::String, 0);

const OF: ShapeId<'static> = shape_id!("com.amazonaws.probe", "Probe");
static MEMBERS: [Schema<'static>; 14] = [
    member(OF, "Name", ShapeType::String, 0),
    member(OF, "Count", ShapeType::Integer, 1),
    member(OF, "Size", ShapeType::Long, 2),
    member(OF, "Ratio", ShapeType::Double, 3),
    member(OF, "IsOpen", ShapeType::Boolean, 4),
    member(OF, "Data", ShapeType::Blob, 5),
    member(OF, "CreatedAt", ShapeType::Timestamp, 6),
    member(OF, "Tags", ShapeType::List, 7).with_list_member(&TEXT),
    member(OF, "Labels", ShapeType::Map, 8).with_map_members(&KEY, &TEXT),
    member(OF, "Items", ShapeType::List, 9).with_list_member(&ITEM),
    member(OF, "Things", ShapeType::Map, 10).with_map_members(&KEY, &ITEM),
    member(OF, "Inner", ShapeType::Structure, 11),
    member(OF, "Groups", ShapeType::Map, 12).with_map_members(&KEY, &INNER),
    member(OF, "Secret", ShapeType::String, 13).with_sensitive(),
];
static REFERENCES: [&Schema<'static>; 14] = MEMBERS.each_ref();
static PROBE: Schema<'static> = structure(OF, &REFERENCES);

/// The structure.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Probe {
    pub(crate) name: Option<String>,
    pub(crate) count: Option<i32>,
    pub(crate) size: Option<i64>,
    pub(crate) ratio: Option<f64>,
    pub(crate) is_open: Option<bool>,
    pub(crate) data: Option<Blob>,
    pub(crate) created_at: Option<DateTime>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) labels: Option<Map<String>>,
    pub(crate) items: Option<Vec<Self>>,
    pub(crate) things: Option<Map<Self>>,
    pub(crate) inner: Option<Box<Self>>,
    pub(crate) groups: Option<Map<Vec<String>>>,
    pub(crate) secret: Option<String>,
}

impl SerializableStruct for Probe {
    fn schema(&self) -> &Schema<'_> {
        &PROBE
    }

    fn serialize_members(&self, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        shape::write(&self.name, &MEMBERS[0], to)?;
        shape::write(&self.count, &MEMBERS[1], to)?;
        shape::write(&self.size, &MEMBERS[2], to)?;
        shape::write(&self.ratio, &MEMBERS[3], to)?;
        shape::write(&self.is_open, &MEMBERS[4], to)?;
        shape::write(&self.data, &MEMBERS[5], to)?;
        shape::write(&self.created_at, &MEMBERS[6], to)?;
        shape::write(&self.tags, &MEMBERS[7], to)?;
        shape::write(&self.labels, &MEMBERS[8], to)?;
        shape::write(&self.items, &MEMBERS[9], to)?;
        shape::write(&self.things, &MEMBERS[10], to)?;
        shape::write_boxed(&self.inner, &MEMBERS[11], to)?;
        shape::write(&self.groups, &MEMBERS[12], to)?;
        shape::write(&self.secret, &MEMBERS[13], to)
    }
}

impl Shape for Probe {
    fn static_schema() -> &'static Schema<'static> {
        &PROBE
    }

    fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        let mut out = Self::default();
        shape::read_members(&PROBE, from, &mut |index, member, from| {
            match index {
                0 => out.name = shape::read(member, from)?,
                1 => out.count = shape::read(member, from)?,
                2 => out.size = shape::read(member, from)?,
                3 => out.ratio = shape::read(member, from)?,
                4 => out.is_open = shape::read(member, from)?,
                5 => out.data = shape::read(member, from)?,
                6 => out.created_at = shape::read(member, from)?,
                7 => out.tags = shape::read(member, from)?,
                8 => out.labels = shape::read(member, from)?,
                9 => out.items = shape::read(member, from)?,
                10 => out.things = shape::read(member, from)?,
                11 => out.inner = shape::read_boxed(member, from)?,
                12 => out.groups = shape::read(member, from)?,
                13 => out.secret = shape::read(member, from)?,
                _ => from.skip_value()?,
            }
            Ok(())
        })?;
        Ok(out)
    }
}

/// One of each, twice deep.
pub(crate) fn full() -> Probe {
    let flat = Probe {
        name: Some("größe \"x\"\n".to_owned()),
        count: Some(-7),
        size: Some(1 << 60),
        ratio: Some(0.5),
        is_open: Some(true),
        data: Some(Blob::new([0, 1, 254])),
        created_at: Some(DateTime::from_secs_and_nanos(1_699_999_999, 123_000_000)),
        tags: Some(vec!["a".to_owned(), String::new()]),
        labels: Some(Map::from([("z".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())])),
        groups: Some(Map::from([("g".to_owned(), vec!["x".to_owned()])])),
        ..Probe::default()
    };
    Probe {
        items: Some(vec![flat.clone(), Probe::default()]),
        things: Some(Map::from([("t".to_owned(), flat.clone())])),
        inner: Some(Box::new(flat.clone())),
        ..flat
    }
}

/// A service like this one in all that its words depend on.
pub(crate) fn service(name: &'static str, style: ConstraintStyle) -> ServiceMeta {
    ServiceMeta {
        name,
        signing_name: name,
        endpoint_prefix: name,
        api_version: "2012-11-05",
        target_prefix: if name == "dynamodb" { "DynamoDB_20120810" } else { "Probe" },
        error_namespace: NAMESPACE,
        xml_namespace: "",
        protocols: &[Protocol::AwsJson10],
        query_compatible: name == "sqs",
        query_error_detail: false,
        constraint_style: style,
        routes: &[],
    }
}

/// An operation of that service, which takes a [`Probe`].
pub(crate) fn operation(service: ServiceMeta) -> OperationMeta {
    OperationMeta {
        service: Box::leak(Box::new(service)),
        name: "PutProbe",
        http: Http { method: "POST", path: "/", success: 200 },
        input: &PROBE,
        output: &PROBE,
        rules: &RULES,
        result_wrapper: None,
        idempotency_token: None,
        paginator: None,
    }
}

const fn within(min: i64, max: i64) -> Bounds {
    Bounds { min: Some(min), max: Some(max) }
}

const fn optional(value: Rule) -> MemberRule {
    MemberRule { required: false, value }
}

const NAMED: Rule = Rule::Text { length: within(3, 255), pattern: Some("[a-zA-Z0-9_.-]+"), one_of: &[] };
static NAME: Rule = NAMED;
static SHORT: Rule = Rule::Text { length: within(1, 4), pattern: None, one_of: &[] };
static MODE: Rule = Rule::Text { length: Bounds::NONE, pattern: None, one_of: &["NONE", "TOTAL", "INDEXES"] };
static ITEM_RULE: Rule = Rule::Struct(&RULES);
static MODES: Rule = Rule::List(within(1, 2), &MODE);

/// What it demands of one: `Name` of every one, `Count` of none.
pub(crate) static RULES: Rules = Rules {
    members: &[
        MemberRule { required: true, value: NAMED },
        optional(Rule::Number(within(1, 100))),
        optional(Rule::Free),
        optional(Rule::Number(within(0, 1))),
        optional(Rule::Free),
        optional(Rule::Blob(within(1, 4))),
        optional(Rule::Free),
        optional(Rule::List(within(1, 3), &SHORT)),
        optional(Rule::Map(within(0, 2), &NAME, &SHORT)),
        optional(Rule::List(Bounds::NONE, &ITEM_RULE)),
        optional(Rule::Map(Bounds::NONE, &Rule::Free, &ITEM_RULE)),
        optional(Rule::Struct(&RULES)),
        optional(Rule::Map(Bounds::NONE, &Rule::Free, &MODES)),
        optional(Rule::Text { length: within(1, 4), pattern: None, one_of: &[] }),
    ],
};
