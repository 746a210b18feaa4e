//! Values as Java prints them, because that is how AWS's sentences show lists, maps and structures.

use super::walk::push_lower;
use crate::schema::Schema;
use crate::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use aws_smithy_types::date_time::Format;
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document};

type WriteAll<'a> = &'a dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>;

/// What is being printed.
#[derive(Clone, Copy, Default)]
enum Inside {
    #[default]
    List,
    /// A structure, with the index of its next member.
    Structure(usize),
    MapKey,
    MapValue,
}

/// Prints values, one after the other.
#[derive(Default)]
pub(super) struct Printer {
    text: String,
    inside: Inside,
    is_first: bool,
}

impl Printer {
    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn within(&mut self, inside: Inside, print: impl FnOnce(&mut Self)) {
        let outer =
            (std::mem::replace(&mut self.inside, inside), std::mem::replace(&mut self.is_first, true));
        print(self);
        (self.inside, self.is_first) = outer;
    }

    /// `[a, b]`
    pub(super) fn list(&mut self, all: WriteAll<'_>) {
        self.text.push('[');
        self.within(Inside::List, |printer| {
            // a printer never fails
            let _ = all(printer);
        });
        self.text.push(']');
    }

    /// `{key=value}`
    pub(super) fn map(&mut self, all: WriteAll<'_>) {
        self.text.push('{');
        self.within(Inside::MapKey, |printer| {
            let _ = all(printer);
        });
        self.text.push('}');
    }

    /// `Tag(key=a, value=null)`
    pub(super) fn structure(&mut self, value: &dyn SerializableStruct) {
        self.text.push_str(value.schema().shape_id().shape_name());
        self.text.push('(');
        self.within(Inside::Structure(0), |printer| {
            let _ = value.serialize_members(&mut Members { printer, schema: value.schema() });
            let printed = match printer.inside {
                Inside::Structure(next) => next,
                _ => 0,
            };
            printer.absent(value.schema(), printed, value.schema().members().len());
        });
        self.text.push(')');
    }

    /// A buffer's own words.
    pub(super) fn blob(&mut self, length: usize) {
        self.text.push_str(&format!("java.nio.HeapByteBuffer[pos=0 lim={length} cap={length}]"));
    }

    fn comma(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.text.push_str(", ");
        }
    }

    /// What stands before a value.
    fn before(&mut self) {
        match self.inside {
            Inside::List | Inside::MapKey => self.comma(),
            Inside::MapValue => self.text.push('='),
            Inside::Structure(_) => {}
        }
        self.inside = match self.inside {
            Inside::MapKey => Inside::MapValue,
            Inside::MapValue => Inside::MapKey,
            other => other,
        };
    }

    fn absent(&mut self, schema: &Schema<'_>, from: usize, to: usize) {
        for index in from..to {
            let member = schema.member_schema_by_index(index);
            self.comma();
            push_lower(&mut self.text, member.and_then(Schema::member_name).unwrap_or_default());
            self.text.push_str("=null");
        }
    }
}

/// Prints the members of a structure with their names, the absent ones too.
struct Members<'a> {
    printer: &'a mut Printer,
    schema: &'a Schema<'a>,
}

impl Members<'_> {
    fn named(&mut self, member: &Schema<'_>) -> &mut Printer {
        if let (Inside::Structure(next), Some(index)) = (self.printer.inside, member.member_index()) {
            self.printer.absent(self.schema, next, index);
            self.printer.inside = Inside::Structure(index + 1);
        }
        self.printer.comma();
        push_lower(&mut self.printer.text, member.member_name().unwrap_or_default());
        self.printer.text.push('=');
        self.printer
    }
}

/// The same methods for values with and without a name.
macro_rules! prints {
    ($for:ty, |$self:ident, $schema:ident| $printer:expr) => {
        impl ShapeSerializer for $for {
            prints! { |$self, $schema| $printer,
                write_struct(value: &dyn SerializableStruct) |it| it.structure(value);
                write_list(all: WriteAll<'_>) |it| it.list(all);
                write_map(all: WriteAll<'_>) |it| it.map(all);
                write_boolean(value: bool) |it| it.text.push_str(if value { "true" } else { "false" });
                write_byte(value: i8) |it| it.text.push_str(&value.to_string());
                write_short(value: i16) |it| it.text.push_str(&value.to_string());
                write_integer(value: i32) |it| it.text.push_str(&value.to_string());
                write_long(value: i64) |it| it.text.push_str(&value.to_string());
                write_float(value: f32) |it| it.text.push_str(&format!("{value:?}"));
                write_double(value: f64) |it| it.text.push_str(&format!("{value:?}"));
                write_big_integer(value: &BigInteger) |it| it.text.push_str(value.as_ref());
                write_big_decimal(value: &BigDecimal) |it| it.text.push_str(value.as_ref());
                write_string(value: &str) |it| it.text.push_str(value);
                write_blob(value: Blob) |it| it.blob(value.as_ref().len());
                write_timestamp(value: &DateTime) |it| {
                    it.text.push_str(&value.fmt(Format::DateTime).unwrap_or_default())
                };
                write_document(_value: &Document) |it| it.text.push_str("{}");
            }

            fn write_null(&mut self, schema: &Schema<'_>) -> Result<(), SerdeError> {
                let ($self, $schema) = (self, schema);
                $printer.text.push_str("null");
                Ok(())
            }
        }
    };
    (|$self:ident, $schema:ident| $printer:expr,
     $($method:ident($value:ident: $type:ty) |$it:ident| $print:expr;)*) => {$(
        fn $method(&mut self, schema: &Schema<'_>, $value: $type) -> Result<(), SerdeError> {
            let ($self, $schema) = (self, schema);
            let $it = $printer;
            $print;
            Ok(())
        }
    )*};
}

prints!(Printer, |this, _schema| {
    this.before();
    this
});
prints!(Members<'_>, |this, schema| this.named(schema));
