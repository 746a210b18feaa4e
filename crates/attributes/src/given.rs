//! What callers give: values and items are made into what is kept while they are read.
//!
//! What is wrong with them is known then, and told only when an operation asks for them, because AWS looks at other
//! things first. Of several faults it tells one: attributes by the order of their names, elements by theirs, and within
//! a value what is wrong with a datatype, in the order of the shape's members, before their number.

use crate::failure::{SetKind, ValueFailure};
use crate::number::Number;
use crate::schema::{ATTRIBUTE_VALUE, datatype};
use crate::shown::{write_attributes, write_value};
use crate::value::{AttributeValue, Attributes, Binary, MAX_NESTING};
use mesh_wire::Blob;
use mesh_wire::schema::Schema;
use mesh_wire::schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use mesh_wire::shape::{Value, read_members};
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A value or an item as a caller gives it: what it is, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<T>(Checked<T>);

/// What has been read. The failure is boxed: it is rare, and values are many.
type Checked<T> = Result<T, Box<ValueFailure>>;

impl<T> Given<T> {
    /// What was given.
    ///
    /// # Errors
    /// What is wrong with it, in AWS's words.
    pub fn accept(self) -> Result<T, ValueFailure> {
        self.0.map_err(|failure| *failure)
    }
}

impl<T> From<T> for Given<T> {
    fn from(value: T) -> Self {
        Self(Ok(value))
    }
}

impl<T: Default> Default for Given<T> {
    fn default() -> Self {
        Self(Ok(T::default()))
    }
}

/// Written back, a value that is wrong has no datatype.
impl Value for Given<AttributeValue> {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        match &self.0 {
            Ok(value) => write_value(value, schema, to),
            Err(_) => to.write_struct(schema, &NoDatatype),
        }
    }

    fn read(_: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        read_value(from, Nesting::TOP).map(Self)
    }

    fn from_null() -> Option<Self> {
        Some(Self(no_datatype()))
    }
}

/// Written back, an item that is wrong has no attributes.
impl Value for Given<Attributes> {
    fn write(&self, schema: &Schema<'_>, to: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        match &self.0 {
            Ok(attributes) => write_attributes(attributes, schema, to),
            Err(_) => write_attributes(&Attributes::default(), schema, to),
        }
    }

    fn read(schema: &Schema<'_>, from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        read_attributes(schema, from, Nesting::TOP).map(Self)
    }
}

struct NoDatatype;

impl SerializableStruct for NoDatatype {
    fn schema(&self) -> &Schema<'_> {
        &ATTRIBUTE_VALUE
    }

    fn serialize_members(&self, _: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        Ok(())
    }
}

fn no_datatype<T>() -> Checked<T> {
    Err(Box::new(ValueFailure::NoDatatype))
}

/// The level of lists and maps at which a value stands while it is read.
#[derive(Debug, Clone, Copy)]
struct Nesting(u8);

impl Nesting {
    /// An attribute of an item.
    const TOP: Self = Self(0);

    /// The level of the elements of a list or map at this level; the 33rd is refused. What is there is read yet: its
    /// form is checked before.
    fn deeper(self) -> (Self, Checked<()>) {
        if self.0 >= MAX_NESTING {
            (self, Err(Box::new(ValueFailure::NestedTooDeep)))
        } else {
            (Self(self.0 + 1), Ok(()))
        }
    }
}

/// The datatypes of one value, each the last of its kind.
#[derive(Default)]
struct Datatypes {
    first: Option<(usize, Checked<AttributeValue>)>,
    /// Seldom any.
    more: Vec<(usize, Checked<AttributeValue>)>,
}

impl Datatypes {
    fn set(&mut self, datatype: usize, value: Checked<AttributeValue>) {
        let Some(first) = &mut self.first else {
            self.first = Some((datatype, value));
            return;
        };
        match std::iter::once(first).chain(&mut self.more).find(|(earlier, _)| *earlier == datatype) {
            Some((_, earlier)) => *earlier = value,
            None => self.more.push((datatype, value)),
        }
    }

    /// The value, if exactly one datatype is there and it is right in itself.
    fn finish(self) -> Checked<AttributeValue> {
        let Some((datatype, value)) = self.first else { return no_datatype() };
        if self.more.is_empty() {
            return value;
        }
        let mut all = self.more;
        all.push((datatype, value));
        all.sort_by_key(|(datatype, _)| *datatype);
        for (_, value) in all {
            value?;
        }
        Err(Box::new(ValueFailure::ManyDatatypes))
    }
}

fn read_value(
    from: &mut dyn ShapeDeserializer,
    nesting: Nesting,
) -> Result<Checked<AttributeValue>, SerdeError> {
    let mut datatypes = Datatypes::default();
    read_members(&ATTRIBUTE_VALUE, from, &mut |index, member, from| {
        datatypes.set(index, read_datatype(index, member, from, nesting)?);
        Ok(())
    })?;
    Ok(datatypes.finish())
}

fn read_datatype(
    index: usize,
    member: &Schema<'_>,
    from: &mut dyn ShapeDeserializer,
    nesting: Nesting,
) -> Result<Checked<AttributeValue>, SerdeError> {
    Ok(match index {
        datatype::S => Ok(AttributeValue::S(SmolStr::from(from.read_string(member)?))),
        datatype::N => number(&from.read_string(member)?),
        datatype::B => Ok(AttributeValue::B(from.read_blob(member)?.into_inner().into())),
        datatype::SS => strings(Value::read(member, from)?),
        datatype::NS => numbers(Value::read(member, from)?),
        datatype::BS => binaries(Value::read(member, from)?),
        datatype::M => {
            let (nesting, allowed) = nesting.deeper();
            let entries = read_attributes(member, from, nesting)?;
            allowed.and(entries).map(|entries| AttributeValue::M(Arc::new(entries)))
        }
        datatype::L => {
            let (nesting, allowed) = nesting.deeper();
            let elements = read_elements(member, from, nesting)?;
            allowed.and(elements).map(|elements| AttributeValue::L(Arc::new(elements)))
        }
        datatype::NULL => match from.read_boolean(member)? {
            true => Ok(AttributeValue::Null),
            false => Err(Box::new(ValueFailure::NullNotTrue)),
        },
        datatype::BOOL => Ok(AttributeValue::Bool(from.read_boolean(member)?)),
        _ => {
            from.skip_value()?;
            no_datatype()
        }
    })
}

fn read_elements(
    schema: &Schema<'_>,
    from: &mut dyn ShapeDeserializer,
    nesting: Nesting,
) -> Result<Checked<Vec<AttributeValue>>, SerdeError> {
    let mut elements = Ok(Vec::new());
    from.read_list(schema, &mut |from| {
        let element = read_nullable(from, nesting)?;
        if let Ok(read) = &mut elements {
            match element {
                Ok(element) => read.push(element),
                Err(failure) => elements = Err(failure),
            }
        }
        Ok(())
    })?;
    Ok(elements)
}

/// Reads the attributes of an item or of a map. Of two with one name the later counts.
fn read_attributes(
    schema: &Schema<'_>,
    from: &mut dyn ShapeDeserializer,
    nesting: Nesting,
) -> Result<Checked<Attributes>, SerdeError> {
    // most have no more, and what is kept is to be as large as what is there
    let mut attributes: SmallVec<[(SmolStr, AttributeValue); 8]> = SmallVec::new();
    let mut wrong: BTreeMap<SmolStr, Box<ValueFailure>> = BTreeMap::new();
    from.read_map(schema, &mut |name, from| {
        let name = SmolStr::from(name);
        match read_nullable(from, nesting)? {
            Ok(value) => {
                if !wrong.is_empty() {
                    wrong.remove(&name);
                }
                attributes.push((name, value));
            }
            Err(failure) => {
                wrong.insert(name, failure);
            }
        }
        Ok(())
    })?;
    Ok(match wrong.into_values().next() {
        None => Ok(Attributes::from_unordered(attributes.into_vec())),
        Some(failure) => Err(failure),
    })
}

/// Reads a value; null has no datatype.
fn read_nullable(
    from: &mut dyn ShapeDeserializer,
    nesting: Nesting,
) -> Result<Checked<AttributeValue>, SerdeError> {
    if from.is_null() {
        from.read_null()?;
        return Ok(no_datatype());
    }
    read_value(from, nesting)
}

fn number(text: &str) -> Checked<AttributeValue> {
    Number::parse(text).map(AttributeValue::N).map_err(|failure| Box::new(failure.into()))
}

/// `SS`. Empty strings may be members. DynamoDB returns the members of sets in their order.
fn strings(members: Vec<String>) -> Checked<AttributeValue> {
    let members = members.into_iter().map(SmolStr::from).collect();
    distinct(members, SetKind::Strings, SmolStr::to_string)
        .map(|members| AttributeValue::Ss(Arc::new(members)))
}

/// `NS`. Numbers are the same when their values are, however they are written.
fn numbers(texts: Vec<String>) -> Checked<AttributeValue> {
    let members = texts.iter().map(|text| Number::parse(text)).collect::<Result<Vec<_>, _>>();
    let members = members.map_err(|failure| Box::new(failure.into()))?;
    distinct(members, SetKind::Numbers, Number::to_string)
        .map(|members| AttributeValue::Ns(Arc::new(members)))
}

/// `BS`.
fn binaries(members: Vec<Blob>) -> Checked<AttributeValue> {
    let members = members.into_iter().map(|bytes| Binary::from(bytes.into_inner())).collect();
    distinct(members, SetKind::Binaries, Binary::to_base64)
        .map(|members| AttributeValue::Bs(Arc::new(members)))
}

/// The members in their order.
fn distinct<T: Ord + Clone>(members: Vec<T>, kind: SetKind, show: impl Fn(&T) -> String) -> Checked<Vec<T>> {
    if members.is_empty() {
        return Err(Box::new(ValueFailure::EmptySet(kind)));
    }
    let mut ordered = members.clone();
    ordered.sort_unstable();
    if ordered.windows(2).all(|pair| pair[0] != pair[1]) {
        return Ok(ordered);
    }
    // AWS shows the members in order as far as it has come, the repeated one, and the rest as it was sent
    let mut seen = BTreeSet::new();
    let repeated = members.iter().position(|member| !seen.insert(member)).unwrap_or(members.len());
    let shown = seen.into_iter().chain(&members[repeated..]);
    Err(Box::new(ValueFailure::Duplicates(kind, shown.map(show).collect())))
}

#[cfg(test)]
#[path = "given_tests.rs"]
mod tests;
