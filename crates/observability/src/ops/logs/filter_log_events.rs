//! FilterLogEvents: reads the events of several streams that match a pattern, in the order of time.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html>
//! Done: logGroupName logGroupIdentifier logStreamNames logStreamNamePrefix startTime endTime filterPattern nextToken limit startFromHead interleaved unmask
//! Stored: -
//! Refused: -
//! Deviates: nothing is masked, so that there is nothing to unmask; patterns of space-delimited fields are refused

use crate::domain::failure::{BackwardTooFar, EndsBeforeStart, NamesAndPrefix, NoSuchStream};
use crate::domain::{
    Direction, EventToken, Filter, Found, GroupAddress, Reading, Selection, event_id, filter_events,
};
use crate::limits::{ANSWER_EVENTS, BACKWARD_SINCE};
use crate::state::log_group::{LogGroup, Position};
use mesh_models::logs::{
    FilterLogEventsError, FilterLogEventsInput, FilterLogEventsOutput, FilteredLogEvent,
};
use mesh_router::Context;
use smol_str::SmolStr;

pub(crate) async fn run(
    cx: &Context,
    input: FilterLogEventsInput,
) -> Result<FilterLogEventsOutput, FilterLogEventsError> {
    let FilterLogEventsInput {
        log_group_name,
        log_group_identifier,
        log_stream_names,
        log_stream_name_prefix,
        start_time,
        end_time,
        filter_pattern,
        next_token,
        limit,
        start_from_head,
        // Streams are always interleaved.
        interleaved: _,
        unmask: _,
    } = input;
    let group = GroupAddress::of_either::<FilterLogEventsError>(cx, log_group_name, log_group_identifier)?;
    let wanted = match (log_stream_names, log_stream_name_prefix) {
        (Some(_), Some(_)) => return Err(NamesAndPrefix.into()),
        (Some(names), None) => Wanted::Named(names),
        (None, Some(prefix)) => Wanted::Prefixed(prefix),
        (None, None) => Wanted::All,
    };
    let filter = Filter::parse(filter_pattern.as_deref().unwrap_or_default())?;
    let token = next_token.as_deref().map(EventToken::parse).transpose()?;
    let reading = reading(start_time, end_time, token, start_from_head, limit)?;
    let (selection, names) = cx.read(&group.key, |state, _| {
        state.existing()?;
        let numbers = wanted.numbers(state)?;
        let names = state.streams.by().by_number.snapshot();
        Ok::<_, FilterLogEventsError>((Selection::new(&state.events, numbers), names))
    })??;
    let (found, more) = filter_events(&selection, &filter, &reading);
    let show = |(key, event): Found| FilteredLogEvent {
        log_stream_name: names.get(&key.stream).map(ToString::to_string),
        timestamp: Some(key.timestamp),
        message: Some(event.message.to_string()),
        ingestion_time: Some(event.ingested_at.as_millis()),
        event_id: Some(event_id(key.position())),
    };
    Ok(FilterLogEventsOutput {
        events: Some(found.into_iter().map(show).collect()),
        // AWS has stopped filling it.
        searched_log_streams: Some(Vec::new()),
        next_token: more.map(|at| EventToken { direction: reading.direction, at }.text()),
    })
}

/// Which streams are read.
enum Wanted {
    All,
    Named(Vec<String>),
    Prefixed(String),
}

impl Wanted {
    /// Their numbers; nothing where all are read.
    fn numbers(&self, group: &LogGroup) -> Result<Option<Vec<u32>>, NoSuchStream> {
        match self {
            Self::All => Ok(None),
            Self::Named(names) => {
                let number =
                    |name: &String| group.streams.get(&name.as_str().into()).map(|stream| stream.number);
                let mut numbers: Vec<u32> =
                    names.iter().map(number).collect::<Option<_>>().ok_or(NoSuchStream)?;
                numbers.sort_unstable();
                numbers.dedup();
                Ok(Some(numbers))
            }
            Self::Prefixed(prefix) => {
                let behind = group.streams.range(SmolStr::new(prefix)..);
                let prefixed = behind.take_while(|(name, _)| name.starts_with(prefix.as_str()));
                Ok(Some(prefixed.map(|(_, stream)| stream.number).collect()))
            }
        }
    }
}

fn reading(
    start_time: Option<i64>,
    end_time: Option<i64>,
    token: Option<EventToken>,
    start_from_head: Option<bool>,
    limit: Option<i32>,
) -> Result<Reading, FilterLogEventsError> {
    if let (Some(start), Some(end)) = (start_time, end_time)
        && start > end
    {
        return Err(EndsBeforeStart.into());
    }
    let direction = match (token, start_from_head) {
        (Some(token), _) => token.direction,
        (None, Some(false)) => Direction::Backward,
        (None, _) => Direction::Forward,
    };
    if direction == Direction::Backward && start_time.is_some_and(|start| start < BACKWARD_SINCE) {
        return Err(BackwardTooFar.into());
    }
    // Unlike GetLogEvents's, the end belongs to the span.
    let from = Position::before(start_time.unwrap_or(0));
    let to = Position::before(end_time.map_or(i64::MAX, |end| end.saturating_add(1)));
    let (from, to) = match token {
        Some(EventToken { direction: Direction::Forward, at }) => (from.max(at), to),
        Some(EventToken { direction: Direction::Backward, at }) => (from, to.min(at)),
        None => (from, to),
    };
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(ANSWER_EVENTS);
    Ok(Reading { from, to, direction, limit })
}
