//! What in an answer differs from run to run, or says nothing to a reader, and what is shown in its place.
//!
//! | in an answer | is shown as |
//! |---|---|
//! | a UUID | `[id]`, the next `[id 2]`, ... |
//! | a queue's URL | `[url NAME]` |
//! | a member whose name ends in `Handle`, `Token` or `Iterator` | `[handle]`, `[token]`, `[iterator]`, numbered |
//! | the universe's moment, as a number or as digits: seconds | `[now]`, `[now-30s]`, `[now+1d2h]` |
//! | the same in milliseconds | `[now ms]`, `[now-30s ms]` |
//! | one character more than 100 times | `[262144 times x]` |
//!
//! The same value has the same label throughout a scenario, and a label in an input is replaced by its value.

use crate::bed::{ENDPOINT, Place};
use crate::json::Json;
use mesh_types::{Span, Timestamp};
use std::collections::BTreeMap;
use std::time::Duration;

/// Further away a number is not taken for a moment.
const HORIZON: Duration = Duration::from_secs(400 * 86_400);

/// A character is repeated at least this often before it is counted.
const MANY: usize = 100;

/// Opaque values shorter than this are shown.
const OPAQUE: usize = 16;

/// The labels of a scenario.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// Values with their labels, in the order of their first appearance.
    known: Vec<(String, String)>,
    counts: BTreeMap<String, usize>,
}

impl Labels {
    /// An answer's members as they are shown.
    pub(crate) fn hide(&mut self, body: &Json, place: &Place, now: Timestamp) -> Json {
        body.map("", &mut |name, scalar| match scalar {
            Json::String(text) => Json::String(self.hide_text(name, text, place, now)),
            Json::Number(number) => moment(number, now).map_or_else(|| scalar.clone(), Json::Mark),
            other => other.clone(),
        })
    }

    /// An input with values in the place of labels.
    pub(crate) fn reveal(&self, input: &Json, place: &Place, now: Timestamp) -> Json {
        input.map("", &mut |_, scalar| match scalar {
            Json::String(text) => Json::String(self.reveal_text(text, place, now)),
            Json::Mark(mark) => value_of(mark, now).map_or_else(|| scalar.clone(), Json::Number),
            other => other.clone(),
        })
    }

    fn label(&mut self, kind: &str, value: &str) -> String {
        if let Some((_, label)) = self.known.iter().find(|(known, _)| known == value) {
            return label.clone();
        }
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let label = if *count == 1 { format!("[{kind}]") } else { format!("[{kind} {count}]") };
        self.known.push((value.to_owned(), label.clone()));
        label
    }

    fn hide_text(&mut self, name: &str, text: &str, place: &Place, now: Timestamp) -> String {
        if let Some(kind) = opaque(name).filter(|_| text.len() >= OPAQUE) {
            return self.label(kind, text);
        }
        if let Some(mark) =
            text.bytes().all(|byte| byte.is_ascii_digit()).then(|| moment(text, now)).flatten()
        {
            return mark;
        }
        if let Some(first) = text.chars().next().filter(|first| text.chars().all(|c| c == *first)) {
            let count = text.chars().count();
            if count > MANY {
                return format!("[{count} times {first}]");
            }
        }
        let mut shown = text.to_owned();
        for (value, label) in self.known.iter().filter(|(value, _)| value.len() >= OPAQUE) {
            if shown.contains(value.as_str()) {
                shown = shown.replace(value.as_str(), label);
            }
        }
        let shown = self.hide_urls(&shown, place);
        self.hide_ids(&shown)
    }

    fn hide_urls(&mut self, text: &str, place: &Place) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("http") {
            let is_end =
                |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | ')' | ',' | '\\');
            let length = rest[start..].find(is_end).unwrap_or(rest.len() - start);
            let url = &rest[start..start + length];
            out.push_str(&rest[..start]);
            match queue_of(url) {
                Some(queue) => {
                    let own = place.endpoint();
                    let canonical = url
                        .strip_prefix(&own)
                        .map_or_else(|| url.to_owned(), |path| format!("{ENDPOINT}{path}"));
                    out.push_str(&self.label(&format!("url {queue}"), &canonical));
                }
                None => out.push_str(url),
            }
            rest = &rest[start + length..];
        }
        out + rest
    }

    fn hide_ids(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let continues = out.ends_with(|c: char| c.is_ascii_alphanumeric());
            if !continues
                && rest.get(..36).is_some_and(is_uuid)
                && !rest[36..].starts_with(|c: char| c.is_ascii_alphanumeric())
            {
                out.push_str(&self.label("id", &rest[..36]));
                rest = &rest[36..];
            } else {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        out
    }

    fn reveal_text(&self, text: &str, place: &Place, now: Timestamp) -> String {
        if !text.contains('[') {
            return text.to_owned();
        }
        if let Some(value) = value_of(text, now) {
            return value;
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find('[') {
            let (front, label) = rest.split_at(start);
            out.push_str(front);
            let end = label.find(']').map_or(label.len(), |end| end + 1);
            match self.value(&label[..end], place) {
                Some(value) => {
                    out.push_str(&value);
                    rest = &label[end..];
                }
                None => {
                    out.push('[');
                    rest = &label[1..];
                }
            }
        }
        out + rest
    }

    /// The value that a label stands for.
    fn value(&self, label: &str, place: &Place) -> Option<String> {
        if let Some((value, _)) = self.known.iter().find(|(_, known)| known == label) {
            let path = value.strip_prefix(ENDPOINT).filter(|_| label.starts_with("[url "));
            return Some(path.map_or_else(|| value.clone(), |path| format!("{}{path}", place.endpoint())));
        }
        let inside = label.strip_prefix('[')?.strip_suffix(']')?;
        if let Some(queue) = inside.strip_prefix("url ") {
            return Some(format!("{}/{}/{queue}", place.endpoint(), place.account));
        }
        let (count, repeated) = inside.split_once(" times ")?;
        Some(repeated.repeat(count.parse().ok().filter(|count| *count <= 16 << 20)?))
    }
}

/// What a member of this name holds, if nobody is meant to read it.
fn opaque(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    ["handle", "token", "iterator"].into_iter().find(|kind| name.ends_with(kind))
}

/// The name of the queue whose URL this is.
fn queue_of(url: &str) -> Option<&str> {
    let (front, name) = url.rsplit_once('/')?;
    let account = front.rsplit_once('/')?.1;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let plain = name.strip_suffix(".fifo").unwrap_or(name);
    let is_name = !plain.is_empty()
        && plain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (is_account && is_name && url.contains("://")).then_some(name)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase(),
        })
}

/// How a number is shown that is a moment not too far away.
fn moment(number: &str, now: Timestamp) -> Option<String> {
    let is_whole = number.bytes().all(|byte| byte.is_ascii_digit());
    let (value, now, unit) = match (is_whole, number.len()) {
        (true, 10) => (Timestamp::from_secs(number.parse().ok()?), Timestamp::from_secs(now.as_secs()), ""),
        (true, 13) => {
            (Timestamp::from_millis(number.parse().ok()?), Timestamp::from_millis(now.as_millis()), " ms")
        }
        (false, _) => {
            let seconds = number.parse::<f64>().ok().filter(|seconds| (1e9..1e10).contains(seconds))?;
            let value = Timestamp::EPOCH
                + Duration::from_millis(
                    Duration::from_secs_f64(seconds + 0.000_5).as_millis().try_into().ok()?,
                );
            let is_second = value.as_millis() % 1_000 == 0;
            let now = if is_second {
                Timestamp::from_secs(now.as_secs())
            } else {
                Timestamp::from_millis(now.as_millis())
            };
            (value, now, "")
        }
        _ => return None,
    };
    let (ahead, behind) = (value.since(now), now.since(value));
    match (ahead, behind) {
        _ if ahead > HORIZON || behind > HORIZON => None,
        (Duration::ZERO, Duration::ZERO) => Some(format!("[now{unit}]")),
        (Duration::ZERO, behind) => Some(format!("[now-{}{unit}]", Span(behind))),
        (ahead, _) => Some(format!("[now+{}{unit}]", Span(ahead))),
    }
}

/// The digits that a moment's mark stands for.
fn value_of(mark: &str, now: Timestamp) -> Option<String> {
    let inside = mark.strip_prefix("[now")?.strip_suffix(']')?;
    let (offset, is_millis) = match inside.strip_suffix(" ms") {
        Some(offset) => (offset, true),
        None => (inside, false),
    };
    let at = match offset.split_at_checked(1) {
        None => now,
        Some(("+", ahead)) => now + Span::parse(ahead).ok()?.0,
        Some(("-", behind)) => now - Span::parse(behind).ok()?.0,
        Some(_) => return None,
    };
    Some(if is_millis { at.as_millis() } else { at.as_secs() }.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bed::BEGINNING;
    use mesh_store::UniverseName;
    use mesh_types::{AccountId, Region};

    fn place(universe: &str) -> Place {
        let universe = UniverseName::parse(universe).expect("a name");
        Place { universe, account: AccountId::DEFAULT, region: Region::DEFAULT }
    }

    fn hide(labels: &mut Labels, text: &str) -> String {
        labels
            .hide(&Json::parse(text).expect(text), &place("default"), BEGINNING + Duration::from_millis(250))
            .to_string()
    }

    fn reveal(labels: &Labels, text: &str, universe: &str) -> String {
        labels.reveal(&Json::parse(text).expect(text), &place(universe), BEGINNING).to_string()
    }

    #[test]
    fn ids_are_numbered_as_they_appear_and_stay_what_they_are() {
        let mut labels = Labels::default();
        let (a, b) = ("0d5f8f7a-53a4-4a0b-9a07-0c7d2c0b4c11", "1d5f8f7a-53a4-4a0b-9a07-0c7d2c0b4c11");
        assert_eq!(
            hide(&mut labels, &format!(r#"["{a}", "arn:x:{b}", "{a}"]"#)),
            r#"["[id]", "arn:x:[id 2]", "[id]"]"#
        );
        assert_eq!(
            reveal(&labels, r#"{"Id": "[id 2]", "Other": "[id 3]"}"#, "default"),
            format!(r#"{{"Id": "{b}", "Other": "[id 3]"}}"#)
        );
        let digest = r#""5d41402abc4b2a76b9719d911017c592""#;
        assert_eq!(hide(&mut labels, digest), digest);
    }

    #[test]
    fn queues_go_by_their_names_in_every_universe() {
        let mut labels = Labels::default();
        let shown = hide(
            &mut labels,
            r#"{"QueueUrl": "http://localhost:4566/000000000000/q.fifo", "X": "http://localhost/x"}"#,
        );
        assert_eq!(shown, r#"{"QueueUrl": "[url q.fifo]", "X": "http://localhost/x"}"#);
        assert_eq!(
            reveal(&labels, r#"["[url q.fifo]", "[url other]"]"#, "fork"),
            r#"["http://localhost:4566/_mesh/u/fork/000000000000/q.fifo", "http://localhost:4566/_mesh/u/fork/000000000000/other"]"#
        );
    }

    #[test]
    fn opaque_values_are_known_by_their_member_and_found_in_sentences() {
        let mut labels = Labels::default();
        let handle = "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a";
        assert_eq!(
            hide(&mut labels, &format!(r#"{{"ReceiptHandle": "{handle}"}}"#)),
            r#"{"ReceiptHandle": "[handle]"}"#
        );
        assert_eq!(
            hide(&mut labels, &format!(r#"{{"message": "no {handle}!"}}"#)),
            r#"{"message": "no [handle]!"}"#
        );
        assert_eq!(reveal(&labels, r#""[handle]""#, "default"), format!("\"{handle}\""));
    }

    #[test]
    fn moments_are_told_from_now_in_their_own_unit_and_type() {
        let mut labels = Labels::default();
        assert_eq!(
            hide(
                &mut labels,
                r#"[1767225600, "1767225600", "1767225600250", 1767225630, 1.76722557025E9, 1767225600.0, 5]"#
            ),
            r#"[[now], "[now]", "[now ms]", [now+30s], [now-30s], [now], 5]"#
        );
        assert_eq!(
            reveal(&labels, r#"[[now-1s], "[now+1m ms]"]"#, "default"),
            r#"[1767225599, "1767225660000"]"#
        );
    }

    #[test]
    fn long_repetitions_are_counted() {
        let mut labels = Labels::default();
        let long = reveal(&labels, r#""[1000 times é]""#, "default");
        assert_eq!(long.chars().count(), 1_002);
        assert_eq!(hide(&mut labels, &long), r#""[1000 times é]""#);
    }
}
