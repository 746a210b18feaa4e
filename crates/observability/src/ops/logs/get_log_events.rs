//! GetLogEvents: reads the events of a stream.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html>
//! Done: logGroupName logGroupIdentifier logStreamName startTime endTime nextToken limit startFromHead unmask
//! Stored: -
//! Refused: -
//! Deviates: nothing is masked, so that there is nothing to unmask

use crate::domain::failure::EndsBeforeStart;
use crate::domain::{Direction, EventToken, Found, GroupAddress, Reading, read_stream};
use crate::limits::ANSWER_EVENTS;
use crate::state::log_group::Position;
use mesh_models::logs::{GetLogEventsError, GetLogEventsInput, GetLogEventsOutput, OutputLogEvent};
use mesh_router::Context;

pub(crate) async fn run(
    cx: &Context,
    input: GetLogEventsInput,
) -> Result<GetLogEventsOutput, GetLogEventsError> {
    let GetLogEventsInput {
        log_group_name,
        log_group_identifier,
        log_stream_name,
        start_time,
        end_time,
        next_token,
        limit,
        start_from_head,
        unmask: _,
    } = input;
    let group = GroupAddress::of_either::<GetLogEventsError>(cx, log_group_name, log_group_identifier)?;
    if let (Some(start), Some(end)) = (start_time, end_time)
        && start > end
    {
        return Err(EndsBeforeStart.into());
    }
    let token = next_token.as_deref().map(EventToken::parse).transpose()?;
    // The end does not belong to the span.
    let from = Position::before(start_time.unwrap_or(0));
    let to = Position::before(end_time.unwrap_or(i64::MAX));
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(ANSWER_EVENTS);
    let reading = match token {
        Some(EventToken { direction: Direction::Forward, at }) => {
            Reading { from: from.max(at), to, direction: Direction::Forward, limit }
        }
        Some(EventToken { direction: Direction::Backward, at }) => {
            Reading { from, to: to.min(at), direction: Direction::Backward, limit }
        }
        None if start_from_head == Some(true) => Reading { from, to, direction: Direction::Forward, limit },
        None => Reading { from, to, direction: Direction::Backward, limit },
    };
    let (stream, events) = cx.read(&group.key, |state, _| {
        let stream = state.stream::<GetLogEventsError>(&log_stream_name.unwrap_or_default())?;
        Ok::<_, GetLogEventsError>((stream.number, state.events.snapshot()))
    })??;
    let found = read_stream(&events, stream, &reading);
    // Where nothing is, both tokens name the place where it was looked for.
    let nothing = token.map_or(from, |token| token.at);
    let at =
        |place: Option<Position>, direction| EventToken { direction, at: place.unwrap_or(nothing) }.text();
    let before_first = found.first().map(|(key, _)| key.position());
    let behind_last = found.last().map(|(key, _)| key.position().next());
    let show = |(key, event): Found| OutputLogEvent {
        timestamp: Some(key.timestamp),
        message: Some(event.message.to_string()),
        ingestion_time: Some(event.ingested_at.as_millis()),
    };
    Ok(GetLogEventsOutput {
        events: Some(found.into_iter().map(show).collect()),
        next_forward_token: Some(at(behind_last, Direction::Forward)),
        next_backward_token: Some(at(before_first, Direction::Backward)),
    })
}
