//! PutLogEvents: writes a batch of events to a stream.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>
//! Done: logGroupName logStreamName logEvents sequenceToken
//! Stored: entity
//! Refused: -
//! Deviates: an entity is not judged

use crate::domain::{Batch, GroupAddress, InputEvent, Rejected, sequence_token};
use crate::state::log_group::Entity;
use mesh_models::logs::{PutLogEventsError, PutLogEventsInput, PutLogEventsOutput, RejectedLogEventsInfo};
use mesh_router::Context;
use mesh_wire::Map;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) async fn run(
    cx: &Context,
    input: PutLogEventsInput,
) -> Result<PutLogEventsOutput, PutLogEventsError> {
    let PutLogEventsInput {
        log_group_name,
        log_stream_name,
        log_events,
        // AWS takes any and looks at none.
        sequence_token: _,
        entity,
    } = input;
    let group = GroupAddress::of_name(cx, log_group_name.unwrap_or_default());
    let stream = log_stream_name.unwrap_or_default();
    let events = log_events.into_iter().flatten().map(|event| InputEvent {
        timestamp: event.timestamp.unwrap_or_default(),
        message: event.message.unwrap_or_default().into(),
    });
    let batch = Batch::check::<PutLogEventsError>(events.collect())?;
    let entity = entity.map(|entity| {
        let (key_attributes, attributes) = (names(entity.key_attributes), names(entity.attributes));
        Arc::new(Entity { key_attributes, attributes })
    });
    let put = cx.write(&group.key, |state, tx| {
        state.put::<PutLogEventsError>(&stream, &batch, entity.as_ref(), tx)
    })?;
    let is_whole = put.rejected == Rejected::default();
    let index = |index: Option<usize>| index.and_then(|index| i32::try_from(index).ok());
    Ok(PutLogEventsOutput {
        next_sequence_token: Some(sequence_token(put.written)),
        rejected_log_events_info: (!is_whole).then(|| RejectedLogEventsInfo {
            too_new_log_event_start_index: index(put.rejected.too_new_from),
            too_old_log_event_end_index: index(put.rejected.too_old_until),
            // Events of streams with a retention period have one.
            expired_log_event_end_index: None,
        }),
        rejected_entity_info: None,
    })
}

fn names(map: Option<Map<String>>) -> BTreeMap<SmolStr, SmolStr> {
    map.into_iter().flatten().map(|(name, value)| (name.into(), value.into())).collect()
}
