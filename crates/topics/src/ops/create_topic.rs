//! CreateTopic: makes a topic, or finds the one that is there with the same attributes.
//! <https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html>
//! Done: Name Attributes Tags
//! Stored: DataProtectionPolicy
//! Refused: -
//! Deviates: -

use crate::domain::{TopicAddress, TopicAttributes, TopicName, data_protection, tags};
use crate::state::directory::{self, Directory, Entry};
use mesh_models::sns::{CreateTopicError, CreateTopicInput, CreateTopicOutput};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: CreateTopicInput,
) -> Result<CreateTopicOutput, CreateTopicError> {
    let CreateTopicInput { name, attributes: wanted, tags, data_protection_policy } = input;
    let mut attributes = TopicAttributes::default();
    let mut wanted = wanted.unwrap_or_default();
    // Which of the others a topic can have depends on this one.
    if let Some(is_fifo) = wanted.remove("FifoTopic") {
        attributes.set_at_first("FifoTopic", &is_fifo)?;
    }
    let name = TopicName::parse(&name.unwrap_or_default(), attributes.is_fifo())?;
    for (name, value) in wanted {
        attributes.set_at_first(&name, &value)?;
    }
    let tags = tags::check(tags.unwrap_or_default())?;
    tags::check_count(&tags)?;
    let policy = data_protection_policy.unwrap_or_default();
    let policy = data_protection::check(&policy, attributes.is_fifo())?;
    let topic = TopicAddress::of_name(cx, &name);
    cx.write(&topic.key, |state, tx| {
        if state.create(&attributes, &tags, policy.as_ref(), tx)? {
            let entry = Entry { created_at: tx.now() };
            tx.on(&directory::key(cx), |directory: &mut Directory, _| {
                directory.topics.insert(SmolStr::new(name.as_str()), entry)
            })?;
        }
        Ok::<_, CreateTopicError>(())
    })?;
    Ok(CreateTopicOutput { topic_arn: Some(topic.arn().to_string()) })
}
