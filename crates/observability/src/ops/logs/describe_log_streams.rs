//! DescribeLogStreams: lists the streams of a log group, by name or by their newest event.
//! <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html>
//! Done: logGroupName logGroupIdentifier logStreamNamePrefix orderBy descending nextToken limit
//! Stored: -
//! Refused: -
//! Deviates: -

use crate::domain::failure::{InvalidToken, PrefixByTime};
use crate::domain::{Cut, GroupAddress, Page, sequence_token};
use crate::state::log_group::{LogGroup, Stream};
use mesh_models::logs::{
    DescribeLogStreamsError, DescribeLogStreamsInput, DescribeLogStreamsOutput, LogStream,
};
use mesh_router::Context;
use mesh_types::Arn;
use smol_str::{SmolStr, format_smolstr};

pub(crate) async fn run(
    cx: &Context,
    input: DescribeLogStreamsInput,
) -> Result<DescribeLogStreamsOutput, DescribeLogStreamsError> {
    let DescribeLogStreamsInput {
        log_group_name,
        log_group_identifier,
        log_stream_name_prefix,
        order_by,
        descending,
        next_token,
        limit,
    } = input;
    let group = GroupAddress::of_either::<DescribeLogStreamsError>(cx, log_group_name, log_group_identifier)?;
    let is_by_time = order_by.as_deref() == Some("LastEventTime");
    if is_by_time && log_stream_name_prefix.is_some() {
        return Err(PrefixByTime.into());
    }
    let page = Page::parse(next_token.as_deref(), limit)?;
    let (prefix, is_descending) = (log_stream_name_prefix.unwrap_or_default(), descending == Some(true));
    let (streams, next_token) = cx.read(&group.key, |state, _| {
        state.existing()?;
        Ok::<_, DescribeLogStreamsError>(match is_by_time {
            true => by_time(state, &page, is_descending)?,
            false => by_name(state, &page, &prefix, is_descending),
        })
    })??;
    let arn = group.arn();
    let streams = streams.into_iter().map(|(name, stream)| show(&arn, &name, &stream)).collect();
    Ok(DescribeLogStreamsOutput { log_streams: Some(streams), next_token })
}

type Named = (SmolStr, Stream);

fn by_name(group: &LogGroup, page: &Page, prefix: &str, is_descending: bool) -> Cut<Named> {
    let named = |(name, stream): (&SmolStr, &Stream)| (name.clone(), (name.clone(), stream.clone()));
    let begin = SmolStr::new(prefix);
    // No name has a character as great as the last.
    let end = format_smolstr!("{prefix}\u{10ffff}");
    match (&page.after, is_descending) {
        (None, false) => page.cut(group.streams.range(begin..end).map(named)),
        (None, true) => page.cut(group.streams.range(begin..end).rev().map(named)),
        (Some(after), false) => {
            let begin = begin.max(after.clone());
            let behind =
                group.streams.range(begin.clone()..end.max(begin)).filter(|(name, _)| *name != after);
            page.cut(behind.map(named))
        }
        (Some(after), true) => {
            let end = end.min(after.clone()).max(begin.clone());
            page.cut(group.streams.range(begin..end).rev().map(named))
        }
    }
}

fn by_time(group: &LogGroup, page: &Page, is_descending: bool) -> Result<Cut<Named>, InvalidToken> {
    let named = |((newest, name), _): (&(Option<i64>, SmolStr), &SmolStr)| {
        let mark = format_smolstr!("{} {name}", newest.map_or(-1, |at| at.max(0)));
        Some((mark, (name.clone(), group.streams.get(name)?.clone())))
    };
    let index = &group.streams.by().by_newest_event;
    let after = page.after.as_ref().map(|mark| {
        let (newest, name) = mark.split_once(' ').ok_or(InvalidToken)?;
        let newest: i64 = newest.parse().map_err(|_| InvalidToken)?;
        Ok((Some(newest).filter(|at| *at >= 0), SmolStr::new(name)))
    });
    Ok(match (after.transpose()?, is_descending) {
        (None, false) => page.cut(index.range(..).filter_map(named)),
        (None, true) => page.cut(index.range(..).rev().filter_map(named)),
        (Some(after), false) => {
            page.cut(index.range(after.clone()..).filter(|(mark, _)| **mark != after).filter_map(named))
        }
        (Some(after), true) => page.cut(index.range(..after).rev().filter_map(named)),
    })
}

fn show(group: &Arn, name: &SmolStr, stream: &Stream) -> LogStream {
    LogStream {
        log_stream_name: Some(name.to_string()),
        creation_time: Some(stream.created_at.as_millis()),
        first_event_timestamp: stream.oldest_event,
        last_event_timestamp: stream.newest_event,
        last_ingestion_time: stream.ingested_at.map(mesh_types::Timestamp::as_millis),
        upload_sequence_token: stream.written.map(sequence_token),
        arn: Some(format!("{group}:log-stream:{name}")),
        // AWS has stopped counting it.
        stored_bytes: Some(0),
    }
}
