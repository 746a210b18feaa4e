//! SetTopicAttributes: sets one attribute of a topic.
//! <https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html>
//! Done: TopicArn AttributeName AttributeValue
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::TopicAddress;
use mesh_models::sns::{SetTopicAttributesError, SetTopicAttributesInput, SetTopicAttributesOutput};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: SetTopicAttributesInput,
) -> Result<SetTopicAttributesOutput, SetTopicAttributesError> {
    let SetTopicAttributesInput { topic_arn, attribute_name, attribute_value } = input;
    let topic = TopicAddress::of_arn(cx, "TopicArn", &topic_arn.unwrap_or_default())?;
    let (name, value) = (attribute_name.unwrap_or_default(), attribute_value.unwrap_or_default());
    cx.write(&topic.key, |state, tx| state.set_attribute::<SetTopicAttributesError>(&name, &value, tx))?;
    Ok(SetTopicAttributesOutput {})
}
