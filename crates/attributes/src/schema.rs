//! The schema of a value: a structure of ten datatypes, of which a caller may give any number.

use mesh_wire::schema::{Schema, ShapeId, ShapeType, shape_id};
use mesh_wire::shape::{member, structure};

/// A datatype's place among the members. A value is checked in this order.
pub(crate) mod datatype {
    pub(crate) const S: usize = 0;
    pub(crate) const N: usize = 1;
    pub(crate) const B: usize = 2;
    pub(crate) const SS: usize = 3;
    pub(crate) const NS: usize = 4;
    pub(crate) const BS: usize = 5;
    pub(crate) const M: usize = 6;
    pub(crate) const L: usize = 7;
    pub(crate) const NULL: usize = 8;
    pub(crate) const BOOL: usize = 9;
}

/// The shape that a list or map is, for its elements, keys and values. Their names are never on the wire.
macro_rules! inner {
    ($shape:literal) => {
        shape_id!("com.amazonaws.dynamodb", $shape)
    };
}

static TEXT_IN_SET: Schema<'static> =
    member(inner!("StringSetAttributeValue"), "member", ShapeType::String, 0);
static NUMBER_IN_SET: Schema<'static> =
    member(inner!("NumberSetAttributeValue"), "member", ShapeType::String, 0);
static BYTES_IN_SET: Schema<'static> =
    member(inner!("BinarySetAttributeValue"), "member", ShapeType::Blob, 0);
static NAME_IN_MAP: Schema<'static> = member(inner!("MapAttributeValue"), "key", ShapeType::String, 0);
static VALUE_IN_MAP: Schema<'static> = member(inner!("MapAttributeValue"), "value", ShapeType::Structure, 1);
static VALUE_IN_LIST: Schema<'static> =
    member(inner!("ListAttributeValue"), "member", ShapeType::Structure, 0);

/// The members, by [`datatype`].
pub(crate) static MEMBERS: [Schema<'static>; 10] = {
    const OF: ShapeId<'static> = inner!("AttributeValue");
    [
        member(OF, "S", ShapeType::String, datatype::S),
        member(OF, "N", ShapeType::String, datatype::N),
        member(OF, "B", ShapeType::Blob, datatype::B),
        member(OF, "SS", ShapeType::List, datatype::SS).with_list_member(&TEXT_IN_SET),
        member(OF, "NS", ShapeType::List, datatype::NS).with_list_member(&NUMBER_IN_SET),
        member(OF, "BS", ShapeType::List, datatype::BS).with_list_member(&BYTES_IN_SET),
        member(OF, "M", ShapeType::Map, datatype::M).with_map_members(&NAME_IN_MAP, &VALUE_IN_MAP),
        member(OF, "L", ShapeType::List, datatype::L).with_list_member(&VALUE_IN_LIST),
        member(OF, "NULL", ShapeType::Boolean, datatype::NULL),
        member(OF, "BOOL", ShapeType::Boolean, datatype::BOOL),
    ]
};
static REFERENCES: [&Schema<'static>; 10] = MEMBERS.each_ref();

/// The whole.
pub(crate) static ATTRIBUTE_VALUE: Schema<'static> = structure(inner!("AttributeValue"), &REFERENCES);
