//! The walk through an input, rules in hand.

use super::printed::Printer;
use super::{pattern, sentence};
use crate::rules::{Bounds, ConstraintStyle, MemberRule, Rule};
use crate::schema::Schema;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use crate::{OperationMeta, ServiceMeta};
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document};
use std::cell::RefCell;

/// A broken constraint.
pub(super) struct Broken {
    /// Where it stands: the position of each step from the root.
    pub(super) order: Vec<usize>,
    /// What is said of it.
    pub(super) sentence: String,
}

/// What the whole walk shares.
pub(super) struct Walk<'a> {
    service: &'a ServiceMeta,
    broken: RefCell<Vec<Broken>>,
}

/// A step of the path from the root to a value.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    above: Option<&'a Step<'a>>,
    name: Name<'a>,
    order: usize,
}

/// How a step is named.
#[derive(Clone, Copy)]
pub(super) enum Name<'a> {
    /// API Gateway: the input itself, by its operation.
    Input(&'a str),
    /// A structure's member.
    Member(&'a str),
    /// A list's element, from zero.
    Index(usize),
    /// A map's value, by its position. Its key is looked for when it is asked for, which is when something is wrong.
    Entry(WriteAll<'a>, usize),
}

impl<'a> Walk<'a> {
    pub(super) fn new(service: &'a ServiceMeta) -> Self {
        Self { service, broken: RefCell::new(Vec::new()) }
    }

    pub(super) fn into_broken(self) -> Vec<Broken> {
        self.broken.into_inner()
    }

    pub(super) fn input(&self, operation: &OperationMeta, input: &dyn SerializableStruct) {
        let root = Step { above: None, name: Name::Input(operation.name), order: 0 };
        let above = (self.service.constraint_style == ConstraintStyle::Gateway).then_some(&root);
        self.structure(operation.rules.members, above, input);
    }

    fn structure(
        &self,
        rules: &'static [MemberRule],
        above: Option<&Step<'_>>,
        value: &dyn SerializableStruct,
    ) {
        let mut members = Visitor { walk: self, above, inside: Inside::Members { rules, seen: [0; 4] } };
        // a visitor never fails
        let _ = value.serialize_members(&mut members);
        let Inside::Members { seen, .. } = members.inside else { return };
        for (index, rule) in rules.iter().enumerate() {
            let is_seen = seen.get(index / 64).is_none_or(|bits| bits >> (index % 64) & 1 == 1);
            if !rule.required || is_seen {
                continue;
            }
            let name = value.schema().member_schema_by_index(index).and_then(Schema::member_name);
            let step = Step { above, name: Name::Member(name.unwrap_or_default()), order: index };
            self.absent(&step, value.schema().shape_id().shape_name());
        }
    }

    fn absent(&self, step: &Step<'_>, structure: &str) {
        if self.service.constraint_style == ConstraintStyle::Presence {
            self.push(step, step.parameter(structure));
        } else {
            self.push(step, sentence::absent(&step.path()));
        }
    }

    fn push(&self, step: &Step<'_>, sentence: String) {
        let mut order = step.order();
        order.reverse();
        self.broken.borrow_mut().push(Broken { order, sentence });
    }

    /// Whether values are looked at, and not presence alone.
    fn checks_values(&self) -> bool {
        self.service.constraint_style != ConstraintStyle::Presence
    }

    /// Whether the constraints of elements say that they must not be null, as those of newer services do.
    fn forbids_null_elements(&self) -> bool {
        !self.service.name.starts_with("dynamodb")
    }
}

impl Step<'_> {
    /// The positions from here to the root.
    fn order(&self) -> Vec<usize> {
        std::iter::successors(Some(self), |step| step.above).map(|step| step.order).collect()
    }

    /// The path as AWS's framework prints it: `keySchema.1.member.attributeName`.
    pub(super) fn path(&self) -> String {
        let mut path = self.above.map(Step::path).unwrap_or_default();
        if !path.is_empty() {
            path.push('.');
        }
        match self.name {
            Name::Input(operation) => {
                push_lower(&mut path, operation);
                path.push_str("Input");
            }
            Name::Member(name) => push_lower(&mut path, name),
            Name::Index(index) => path.push_str(&format!("{}.member", index + 1)),
            Name::Entry(all, position) => {
                let mut finder = KeyFinder { left: position * 2, key: None };
                let _ = all(&mut finder);
                path.push_str(&finder.key.unwrap_or_default());
                path.push_str(".member");
            }
        }
        path
    }

    /// The name of a parameter as SQS says it: `QueueUrl`, `SendMessageBatchRequestEntry.1.Id`.
    fn parameter(&self, structure: &str) -> String {
        let Name::Member(name) = self.name else { return String::new() };
        match self.above.map(|above| above.name) {
            Some(Name::Index(index)) => format!("{structure}.{}.{name}", index + 1),
            _ => name.to_owned(),
        }
    }
}

/// Appends a name with its first letter small.
pub(super) fn push_lower(to: &mut String, name: &str) {
    let mut rest = name.chars();
    to.extend(rest.next().map(|first| first.to_ascii_lowercase()));
    to.push_str(rest.as_str());
}

type WriteAll<'a> = &'a dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>;

/// A value on its way past.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    Text(&'a str),
    Blob(usize),
    Whole(i64),
    Decimal(f64),
    List(Option<usize>, WriteAll<'a>),
    Map(Option<usize>, WriteAll<'a>),
    Structure(&'a dyn SerializableStruct),
    Other,
}

/// What the values that pass are.
enum Inside<'a> {
    /// The members of a structure, with those that have passed.
    Members { rules: &'static [MemberRule], seen: [u64; 4] },
    /// The elements of a list.
    List { rule: &'static Rule, next: usize, is_broken: bool },
    /// The keys and values of a map, in turn.
    Map {
        keys: &'static Rule,
        values: &'static Rule,
        all: WriteAll<'a>,
        /// Keys and values that have passed.
        passed: usize,
        has_broken_key: bool,
        has_broken_value: bool,
    },
}

/// Sees the values of one structure, list or map pass.
struct Visitor<'a> {
    walk: &'a Walk<'a>,
    above: Option<&'a Step<'a>>,
    inside: Inside<'a>,
}

impl Visitor<'_> {
    fn visit(&mut self, schema: &Schema<'_>, value: Value<'_>) -> Result<(), SerdeError> {
        let (walk, above) = (self.walk, self.above);
        match &mut self.inside {
            Inside::Members { rules, seen } => {
                let Some(index) = schema.member_index() else { return Ok(()) };
                if let Some(bits) = seen.get_mut(index / 64) {
                    *bits |= 1 << (index % 64);
                }
                let Some(rule) = rules.get(index).map(|member| &member.value) else { return Ok(()) };
                let name = Name::Member(schema.member_name().unwrap_or_default());
                walk.member(&Step { above, name, order: index }, rule, schema, value);
            }
            Inside::List { rule, next, is_broken } => {
                let step = Step { above, name: Name::Index(*next), order: *next };
                *next += 1;
                *is_broken |= walk.element(&step, rule, value);
            }
            Inside::Map { keys, values, all, passed, has_broken_key, has_broken_value } => {
                let position = *passed / 2;
                *passed += 1;
                if *passed % 2 == 1 {
                    *has_broken_key |= walk.checks_values() && is_broken(keys, value);
                } else {
                    let step = Step { above, name: Name::Entry(*all, position), order: position };
                    *has_broken_value |= walk.element(&step, values, value);
                }
            }
        }
        Ok(())
    }
}

impl Walk<'_> {
    /// A structure's member: each broken constraint is told.
    fn member(&self, step: &Step<'_>, rule: &'static Rule, schema: &Schema<'_>, value: Value<'_>) {
        if matches!(rule, Rule::Free) {
            return;
        }
        if self.checks_values() && is_broken(rule, value) {
            let shown = sentence::Shown { is_sensitive: schema.sensitive().is_some(), printed: print(value) };
            for constraint in sentence::broken(rule, value) {
                self.push(step, sentence::value(&shown, &step.path(), &constraint));
            }
        }
        self.inside(step, rule, value);
    }

    /// An element of a list, or a value of a map: that one is broken is told once, of the whole.
    fn element(&self, step: &Step<'_>, rule: &'static Rule, value: Value<'_>) -> bool {
        if matches!(rule, Rule::Free) {
            return false;
        }
        self.inside(step, rule, value);
        self.checks_values() && is_broken(rule, value)
    }

    /// What is inside a value.
    fn inside(&self, step: &Step<'_>, rule: &'static Rule, value: Value<'_>) {
        match (rule, value) {
            (Rule::Struct(rules), Value::Structure(value)) => {
                self.structure(rules.members, Some(step), value)
            }
            (Rule::List(_, element), Value::List(_, all)) if !matches!(element, Rule::Free) => {
                let inside = Inside::List { rule: element, next: 0, is_broken: false };
                let mut visitor = Visitor { walk: self, above: Some(step), inside };
                let _ = all(&mut visitor);
                if matches!(visitor.inside, Inside::List { is_broken: true, .. }) {
                    let constraint = sentence::of_elements(element, self.forbids_null_elements());
                    self.push_whole(step, value, &constraint);
                }
            }
            (Rule::Map(_, keys, values), Value::Map(_, all))
                if !matches!((keys, values), (Rule::Free, Rule::Free)) =>
            {
                self.map(step, (keys, values), value, all);
            }
            _ => {}
        }
    }

    fn map(
        &self,
        step: &Step<'_>,
        (keys, values): (&'static Rule, &'static Rule),
        value: Value<'_>,
        all: WriteAll<'_>,
    ) {
        let inside =
            Inside::Map { keys, values, all, passed: 0, has_broken_key: false, has_broken_value: false };
        let mut visitor = Visitor { walk: self, above: Some(step), inside };
        let _ = all(&mut visitor);
        let Inside::Map { has_broken_key, has_broken_value, .. } = visitor.inside else { return };
        if has_broken_key {
            self.push_whole(step, value, &sentence::of_keys(keys));
        }
        if has_broken_value {
            self.push_whole(step, value, &sentence::of_values(values, self.forbids_null_elements()));
        }
    }

    fn push_whole(&self, step: &Step<'_>, value: Value<'_>, constraint: &str) {
        let shown = sentence::Shown { is_sensitive: false, printed: print(value) };
        self.push(step, sentence::value(&shown, &step.path(), constraint));
    }
}

fn is_within(bounds: Bounds, length: usize) -> bool {
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    bounds.min.is_none_or(|min| length >= min) && bounds.max.is_none_or(|max| length <= max)
}

/// Whether a string is within its bounds, which count characters. Most are so by the count of their bytes alone.
fn is_text_within(bounds: Bounds, text: &str) -> bool {
    if bounds == Bounds::NONE {
        return true;
    }
    is_within(bounds, if text.is_ascii() { text.len() } else { text.chars().count() })
}

/// How many elements a list has, or entries a map.
fn count(length: Option<usize>, all: WriteAll<'_>, values_each: usize) -> usize {
    length.unwrap_or_else(|| {
        let mut counter = Counter(0);
        let _ = all(&mut counter);
        counter.0 / values_each
    })
}

/// Whether the value itself breaks its rule; what is inside is another question.
fn is_broken(rule: &'static Rule, value: Value<'_>) -> bool {
    match (rule, value) {
        (Rule::Text { length, pattern, one_of }, Value::Text(text)) => {
            !is_text_within(*length, text)
                || !(one_of.is_empty() || one_of.contains(&text))
                || pattern.is_some_and(|pattern| !pattern::is_match(pattern, text))
        }
        (Rule::Blob(bounds), Value::Blob(length)) => !is_within(*bounds, length),
        (Rule::Number(bounds), Value::Whole(number)) => {
            bounds.min.is_some_and(|min| number < min) || bounds.max.is_some_and(|max| number > max)
        }
        #[expect(clippy::cast_precision_loss, reason = "bounds of models are small")]
        (Rule::Number(bounds), Value::Decimal(number)) => {
            bounds.min.is_some_and(|min| number < min as f64)
                || bounds.max.is_some_and(|max| number > max as f64)
        }
        (Rule::List(bounds, _), Value::List(length, all)) => {
            *bounds != Bounds::NONE && !is_within(*bounds, count(length, all, 1))
        }
        (Rule::Map(bounds, ..), Value::Map(length, all)) => {
            *bounds != Bounds::NONE && !is_within(*bounds, count(length, all, 2))
        }
        _ => false,
    }
}

/// Whether a length is the reason, and which: more than the most, or less than the least.
pub(super) fn is_too_long(rule: &Rule, value: Value<'_>) -> Option<bool> {
    let (bounds, length) = match (rule, value) {
        (Rule::Text { length, .. }, Value::Text(text)) => (length, text.chars().count()),
        (Rule::Blob(bounds), Value::Blob(length)) => (bounds, length),
        (Rule::List(bounds, _), Value::List(length, all)) => (bounds, count(length, all, 1)),
        (Rule::Map(bounds, ..), Value::Map(length, all)) => (bounds, count(length, all, 2)),
        _ => return None,
    };
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    (!is_within(*bounds, usize::try_from(length).unwrap_or(usize::MAX)))
        .then(|| bounds.max.is_some_and(|max| length > max))
}

/// A value as it is shown in a sentence.
fn print(value: Value<'_>) -> String {
    let mut printer = Printer::default();
    match value {
        Value::Text(text) => return text.to_owned(),
        Value::Blob(length) => printer.blob(length),
        Value::Whole(number) => return number.to_string(),
        Value::Decimal(number) => return format!("{number:?}"),
        Value::List(_, all) => printer.list(all),
        Value::Map(_, all) => printer.map(all),
        Value::Structure(value) => printer.structure(value),
        Value::Other => {}
    }
    printer.into_text()
}

/// Methods that hand a value to `visit`.
macro_rules! visit {
    ($($method:ident($value:ident: $type:ty) $as:expr;)*) => {$(
        fn $method(&mut self, schema: &Schema<'_>, $value: $type) -> Result<(), SerdeError> {
            self.visit(schema, $as)
        }
    )*};
}

/// Implements a serializer by one method that takes every value.
macro_rules! visitor {
    ($for:ty) => {
        impl ShapeSerializer for $for {
            visit! {
                write_struct(value: &dyn SerializableStruct) Value::Structure(value);
                write_list(all: WriteAll<'_>) Value::List(None, all);
                write_map(all: WriteAll<'_>) Value::Map(None, all);
                write_boolean(_value: bool) Value::Other;
                write_byte(value: i8) Value::Whole(value.into());
                write_short(value: i16) Value::Whole(value.into());
                write_integer(value: i32) Value::Whole(value.into());
                write_long(value: i64) Value::Whole(value);
                write_float(value: f32) Value::Decimal(value.into());
                write_double(value: f64) Value::Decimal(value);
                write_big_integer(_value: &BigInteger) Value::Other;
                write_big_decimal(_value: &BigDecimal) Value::Other;
                write_string(value: &str) Value::Text(value);
                write_blob(value: Blob) Value::Blob(value.as_ref().len());
                write_timestamp(_value: &DateTime) Value::Other;
                write_document(_value: &Document) Value::Other;
            }

            fn write_list_with_length(
                &mut self,
                schema: &Schema<'_>,
                length: usize,
                all: WriteAll<'_>,
            ) -> Result<(), SerdeError> {
                self.visit(schema, Value::List(Some(length), all))
            }

            fn write_map_with_length(
                &mut self,
                schema: &Schema<'_>,
                length: usize,
                all: WriteAll<'_>,
            ) -> Result<(), SerdeError> {
                self.visit(schema, Value::Map(Some(length), all))
            }

            fn write_null(&mut self, schema: &Schema<'_>) -> Result<(), SerdeError> {
                self.visit(schema, Value::Other)
            }
        }
    };
}

visitor!(Visitor<'_>);

/// Counts the values that pass.
struct Counter(usize);

impl Counter {
    fn visit(&mut self, _: &Schema<'_>, _: Value<'_>) -> Result<(), SerdeError> {
        self.0 += 1;
        Ok(())
    }
}

visitor!(Counter);

/// Looks for the key that so many keys and values stand before.
struct KeyFinder {
    left: usize,
    key: Option<String>,
}

impl KeyFinder {
    fn visit(&mut self, _: &Schema<'_>, value: Value<'_>) -> Result<(), SerdeError> {
        if let (0, None, Value::Text(key)) = (self.left, &self.key, value) {
            self.key = Some(key.to_owned());
        }
        self.left = self.left.saturating_sub(1);
        Ok(())
    }
}

visitor!(KeyFinder);
