//! Which resources an input names.

use mesh_wire::OperationMeta;
use mesh_wire::schema::Schema;
use mesh_wire::schema::serde::{SerdeError, SerializableStruct, ShapeSerializer};
use mesh_wire::{Blob, DateTime, Document};
use smol_str::SmolStr;

/// How the members are called that name a resource.
const ENDINGS: [&str; 5] = ["Name", "Arn", "ARN", "Url", "Identifier"];

/// A map of this name has resources' names as its keys: DynamoDB's batches.
const KEYED_BY_NAME: &str = "RequestItems";

/// How deep structures are looked into.
const DEPTH: usize = 4;

/// The names by which an input calls resources, each in the forms a rule may give it.
///
/// A member names a resource if it is a string whose name is `name` or ends in `Name`, `Arn`, `Url` or `Identifier`, at
/// the top or within structures and lists; at the top also if it must be there and ends in `Id`. So do the keys of
/// `RequestItems`. A URL is also known by what follows its last slash; an ARN also by its resource part, with and
/// without the type in front.
pub fn names(operation: &OperationMeta, input: &dyn SerializableStruct) -> Vec<SmolStr> {
    let mut seen = Names { operation, found: Vec::new(), depth: 0, are_keys: false, is_key: false };
    // this serializer never fails
    let _ = input.serialize_members(&mut seen);
    seen.found
}

struct Names<'a> {
    operation: &'a OperationMeta,
    found: Vec<SmolStr>,
    depth: usize,
    /// Within a map whose keys are names.
    are_keys: bool,
    /// The next string is a key.
    is_key: bool,
}

impl Names<'_> {
    fn is_name(&self, schema: &Schema<'_>) -> bool {
        let Some(name) = schema.member_name() else { return false };
        if name.eq_ignore_ascii_case("name") || ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            return true;
        }
        let is_required = || {
            let rule = schema.member_index().and_then(|index| self.operation.rules.members.get(index));
            rule.is_some_and(|rule| rule.required)
        };
        self.depth == 0 && name.ends_with("Id") && is_required()
    }

    fn add(&mut self, text: &str) {
        self.found.push(SmolStr::new(text));
        if text.starts_with("arn:") {
            let Some(resource) = text.splitn(6, ':').nth(5) else { return };
            self.found.push(SmolStr::new(resource));
            if let Some((_, name)) = resource.split_once([':', '/']) {
                self.found.push(SmolStr::new(name));
            }
        } else if text.contains("://")
            && let Some((_, name)) = text.rsplit_once('/')
        {
            self.found.push(SmolStr::new(name));
        }
    }

    fn within(&mut self, are_keys: bool, look: impl FnOnce(&mut Self) -> Result<(), SerdeError>) {
        if self.depth < DEPTH {
            let before = (self.are_keys, self.is_key);
            (self.are_keys, self.is_key) = (are_keys, are_keys);
            self.depth += 1;
            let _ = look(self);
            self.depth -= 1;
            (self.are_keys, self.is_key) = before;
        }
        self.pass();
    }

    /// A value has passed: in a map, a key comes next.
    fn pass(&mut self) {
        self.is_key = self.are_keys;
    }
}

/// Values that name nothing.
macro_rules! other {
    ($($write:ident($type:ty)),* $(,)?) => {$(
        fn $write(&mut self, _: &Schema<'_>, _: $type) -> Result<(), SerdeError> {
            self.pass();
            Ok(())
        }
    )*};
}

impl ShapeSerializer for Names<'_> {
    fn write_struct(&mut self, _: &Schema<'_>, value: &dyn SerializableStruct) -> Result<(), SerdeError> {
        self.within(false, |inside| value.serialize_members(inside));
        Ok(())
    }

    fn write_list(
        &mut self,
        _: &Schema<'_>,
        write_elements: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        self.within(false, |inside| write_elements(inside));
        Ok(())
    }

    fn write_map(
        &mut self,
        schema: &Schema<'_>,
        write_entries: &dyn Fn(&mut dyn ShapeSerializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        // Other maps are what a caller stores, and not what it calls.
        if schema.member_name() == Some(KEYED_BY_NAME) {
            self.within(true, |inside| write_entries(inside));
        }
        self.pass();
        Ok(())
    }

    fn write_string(&mut self, schema: &Schema<'_>, value: &str) -> Result<(), SerdeError> {
        if self.is_key || self.is_name(schema) {
            self.add(value);
        }
        // behind a key comes its value
        self.is_key = false;
        Ok(())
    }

    other! {
        write_boolean(bool), write_byte(i8), write_short(i16), write_integer(i32), write_long(i64),
        write_float(f32), write_double(f64), write_blob(Blob), write_timestamp(&DateTime), write_document(&Document),
        write_big_integer(&aws_smithy_types::BigInteger), write_big_decimal(&aws_smithy_types::BigDecimal),
    }

    fn write_null(&mut self, _: &Schema<'_>) -> Result<(), SerdeError> {
        self.pass();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mesh_attributes::{AttributeValue, Attributes};
    use mesh_models::{apigateway, dynamodb, lambda, sqs};
    use mesh_wire::Operation;

    fn of<O: Operation>(input: &O::Input) -> Vec<SmolStr> {
        names(O::meta(), input)
    }

    #[test]
    fn a_url_is_known_by_its_last_segment_and_an_arn_by_its_resource() {
        let input = sqs::SendMessageInput {
            queue_url: Some("http://localhost:4566/000000000000/orders".into()),
            message_group_id: Some("a group is no resource".into()),
            message_body: Some("orders-2".into()),
            ..Default::default()
        };
        assert_eq!(of::<sqs::SendMessage>(&input), ["http://localhost:4566/000000000000/orders", "orders"]);
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:orders";
        let input = lambda::InvokeInput { function_name: Some(arn.into()), ..Default::default() };
        assert_eq!(of::<lambda::Invoke>(&input), [arn, "function:orders", "orders"]);
    }

    #[test]
    fn an_item_names_nothing_and_a_required_id_does() {
        let attribute = ("FirstName".into(), AttributeValue::S("x".into()));
        let item: Attributes = [attribute].into_iter().collect();
        let input = dynamodb::PutItemInput {
            table_name: Some("orders".into()),
            item: Some(item.into()),
            ..Default::default()
        };
        assert_eq!(of::<dynamodb::PutItem>(&input), ["orders"]);
        let input =
            apigateway::GetStageInput { rest_api_id: Some("abc".into()), stage_name: Some("prod".into()) };
        assert_eq!(of::<apigateway::GetStage>(&input), ["abc", "prod"]);
    }
}
