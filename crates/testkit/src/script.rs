//! The text of a scenario, line by line.

use crate::json::Json;
use mesh_types::Span;
use std::fmt;
use std::time::Duration;

/// A scenario that was read.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) lines: Vec<Line>,
}

/// One line, or several where its JSON spans several.
#[derive(Debug)]
pub(crate) struct Line {
    /// Its number, counted from one.
    pub(crate) number: usize,
    /// The text, without the indentation of the whole.
    pub(crate) text: String,
    pub(crate) content: Content,
}

/// What a line says.
#[derive(Debug)]
pub(crate) enum Content {
    /// A comment, or nothing.
    Remark,
    /// `> service:Operation {...} & name`
    Call(CallLine),
    /// `< 200 {...}` or `name < 200 {...}`: what is expected.
    Answer { body: Json },
    /// `+ 20s`
    Advance(Duration),
    /// `! ...`
    Directive(Directive),
    /// `$name = it.Path[0]`
    Variable { name: String, of: String, path: String },
}

/// A call.
#[derive(Debug)]
pub(crate) struct CallLine {
    /// The service, where it is not the scenario's own.
    pub(crate) service: Option<String>,
    pub(crate) operation: String,
    pub(crate) input: Json,
    /// The name under which it runs in the background.
    pub(crate) background: Option<String>,
}

/// What a line that begins with `!` asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Directive {
    HangUp(String),
    Fork(String),
    In(String),
    Reset,
    Settle,
    Freeze,
    Account(String),
    Region(String),
    Service(String),
}

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptError {
    /// Its number, counted from one.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for ScriptError {}

/// A text without the indentation that all its lines share, and without an empty first and last line.
pub(crate) fn dedent(text: &str) -> String {
    let text = text.strip_prefix('\n').unwrap_or(text);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let shared = text.lines().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or(0);
    let mut lines: Vec<&str> =
        text.lines().map(|line| line.get(shared..).unwrap_or_default().trim_end()).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

impl Script {
    /// Reads a scenario.
    pub(crate) fn parse(text: &str) -> Result<Self, ScriptError> {
        let text = dedent(text);
        let mut rest = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        let mut lines = Vec::new();
        while let Some((number, first)) = rest.next() {
            let mut text = first.to_owned();
            // JSON may go on for as long as its brackets are open
            while !is_remark(first) && is_open(&text) {
                let Some((_, next)) = rest.next() else {
                    return Err(ScriptError { line: number, what: "a bracket is never closed".to_owned() });
                };
                text.push('\n');
                text.push_str(next);
            }
            let content = content(text.trim()).map_err(|what| ScriptError { line: number, what })?;
            lines.push(Line { number, text, content });
        }
        Ok(Self { lines })
    }
}

fn is_remark(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

/// Whether brackets are open at the end of the text.
fn is_open(text: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_i32, false, false);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}

fn content(line: &str) -> Result<Content, String> {
    if is_remark(line) {
        return Ok(Content::Remark);
    }
    let behind = |sign: char| line.strip_prefix(sign).map(str::trim);
    if let Some(call) = behind('>') {
        return self::call(call).map(Content::Call);
    }
    if let Some(span) = behind('+') {
        let span = Span::parse(span).map_err(|invalid| format!("`{span}` is no span: {invalid}"))?;
        return Ok(Content::Advance(span.0));
    }
    if let Some(asked) = behind('!') {
        return directive(asked).map(Content::Directive);
    }
    if let Some(variable) = behind('$') {
        return self::variable(variable);
    }
    if let Some((name, answer)) = line.split_once('<') {
        let name = name.trim();
        if name.is_empty() || is_name(name) {
            let body = answer.find('{').and_then(|at| Json::parse(&answer[at..]).ok());
            return Ok(Content::Answer { body: body.unwrap_or(Json::Null) });
        }
    }
    Err(format!("`{line}` begins with none of > < + ! $ #"))
}

fn call(text: &str) -> Result<CallLine, String> {
    let end = text.find(|c: char| c.is_whitespace() || c == '{').unwrap_or(text.len());
    let (named, rest) = text.split_at(end);
    let (service, operation) = match named.split_once(':') {
        Some((service, operation)) => (Some(service.to_owned()), operation),
        None => (None, named),
    };
    if !is_name(operation) {
        return Err(format!("`{named}` names no operation"));
    }
    let rest = rest.trim_start();
    let (input, rest) = match rest.starts_with('{') {
        true => {
            let (input, end) = Json::parse_front(rest).map_err(|error| format!("the input: {error}"))?;
            (input, rest[end..].trim())
        }
        false => (Json::Object(Vec::new()), rest.trim()),
    };
    let background = match rest.strip_prefix('&').map(str::trim) {
        Some(name) if is_name(name) => Some(name.to_owned()),
        None if rest.is_empty() => None,
        _ => return Err(format!("`{rest}` behind the input: only `& name` may stand there")),
    };
    Ok(CallLine { service, operation: operation.to_owned(), input, background })
}

fn directive(text: &str) -> Result<Directive, String> {
    let (verb, rest) = text.split_once(' ').map_or((text, ""), |(verb, rest)| (verb, rest.trim()));
    let rest_of = |make: fn(String) -> Directive| match rest.is_empty() {
        true => Err(format!("`! {verb}` what?")),
        false => Ok(make(rest.to_owned())),
    };
    match verb {
        "hang" => match rest.strip_prefix("up ").map(str::trim) {
            Some(name) if is_name(name) => Ok(Directive::HangUp(name.to_owned())),
            _ => Err("`! hang up` which call?".to_owned()),
        },
        "fork" => rest_of(Directive::Fork),
        "in" => rest_of(Directive::In),
        "account" => rest_of(Directive::Account),
        "region" => rest_of(Directive::Region),
        "service" => rest_of(Directive::Service),
        "reset" if rest.is_empty() => Ok(Directive::Reset),
        "settle" if rest.is_empty() => Ok(Directive::Settle),
        "freeze" if rest.is_empty() => Ok(Directive::Freeze),
        _ => Err(format!(
            "`! {text}`: there are hang up NAME, fork NAME, in NAME, reset, settle, freeze, account ID, region NAME, service NAME"
        )),
    }
}

fn variable(text: &str) -> Result<Content, String> {
    let (name, source) = text.split_once('=').ok_or("`$name = it.Path` expected")?;
    let (name, source) = (name.trim(), source.trim());
    let (of, path) = source.split_once('.').ok_or("`it.Path` or `name.Path` expected behind the =")?;
    if !is_name(name) || !is_name(of) || path.is_empty() {
        return Err("`$name = it.Path` or `$name = call.Path` expected".to_owned());
    }
    Ok(Content::Variable { name: name.to_owned(), of: of.to_owned(), path: path.to_owned() })
}

/// Whether a text is a name of ours: letters, digits and underscores, not beginning with a digit.
pub(crate) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Script::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn lines_of_every_kind_are_read() {
        let script = Script::parse(
            r#"
            # what it shows
            > sns:Publish {
                "Message": "a } b"
              } & first
            first < 200 {...}
            + 1m30s
            ! hang up first
            $r = first.A[0].B
            "#,
        )
        .expect("a scenario");
        let contents: Vec<&Content> = script.lines.iter().map(|line| &line.content).collect();
        let Content::Call(call) = contents[1] else { panic!("{contents:?}") };
        assert_eq!((call.service.as_deref(), &*call.operation), (Some("sns"), "Publish"));
        assert_eq!(call.background.as_deref(), Some("first"));
        assert!(matches!(contents[2], Content::Answer { body } if body.has_rest()));
        assert!(matches!(contents[3], Content::Advance(span) if span.as_secs() == 90));
        assert!(matches!(contents[4], Content::Directive(Directive::HangUp(name)) if name == "first"));
        assert!(matches!(contents[5], Content::Variable { path, .. } if path == "A[0].B"));
        assert_eq!(script.lines[2].number, 5);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        assert_eq!(error("# x\n+ 3 weeks\n").split(':').next(), Some("line 2"));
        assert!(error("> Send {\"a\" 1}").contains("`:` expected at column 6"));
        assert!(error("> Send {\"a\": 1").contains("never closed"));
        assert!(error("> Send {} and more").contains("only `& name`"));
        assert!(error("! explode").contains("hang up NAME"));
        assert!(error("hello").contains("begins with none of"));
    }
}
