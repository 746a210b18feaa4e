//! The head of an operation's file (`src/ops/<operation>.rs`): what the operation is, AWS's page about it, and what
//! becomes of each member of its input.
//!
//! ```text
//! //! SendMessage: puts one message on a queue.
//! //! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
//! //! Done: QueueUrl MessageBody DelaySeconds
//! //!   MessageGroupId
//! //! Stored: MessageSystemAttributes
//! //! Refused: -
//! //! Deviates: -
//! ```
//! A list that is long goes on in lines that are indented by two or more; `-` is an empty list. `Deviates` is prose.

/// The head of one operation's file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// The operation as AWS names it.
    pub(crate) operation: String,
    /// AWS's page about it.
    pub(crate) page: String,
    /// The members that do what AWS says they do.
    pub(crate) done: Vec<String>,
    /// The members that are kept and returned, without effect.
    pub(crate) stored: Vec<String>,
    /// The members that are answered with an error that names them.
    pub(crate) refused: Vec<String>,
    /// Where the operation knowingly differs from AWS; empty if nowhere.
    pub(crate) deviates: String,
}

impl Header {
    /// Reads the head of a file. The failure is a line number (from one) and what is wrong there.
    pub(crate) fn parse(text: &str) -> Result<Self, (usize, String)> {
        let lines =
            text.lines().enumerate().map_while(|(index, line)| Some((index + 1, line.strip_prefix("//!")?)));
        let mut header = Header::default();
        let mut lists: [Option<String>; 4] = [const { None }; 4];
        let mut open: Option<usize> = None;
        let mut last = 1;
        for (number, line) in lines {
            last = number;
            let content = line.trim();
            if number == 1 {
                header.operation = operation_of(content).ok_or_else(|| {
                    (
                        1,
                        "the first line reads `//! Operation: what it does`, the name as AWS spells it"
                            .to_owned(),
                    )
                })?;
            } else if let Some(page) = content.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')) {
                header.page = page.to_owned();
            } else if let Some((list, rest)) = list_of(content) {
                if lists[list].is_some() {
                    return Err((number, format!("`{}:` stands twice", LISTS[list])));
                }
                lists[list] = Some(rest.to_owned());
                open = Some(list);
            } else if line.starts_with("   ")
                && let Some(text) = open.and_then(|list| lists[list].as_mut())
            {
                text.push(' ');
                text.push_str(content);
            } else {
                open = None;
            }
        }
        if !header.page.starts_with("https://docs.aws.amazon.com/") {
            return Err((
                2,
                "AWS's page about the operation is missing: `//! <https://docs.aws.amazon.com/…>`".to_owned(),
            ));
        }
        if let Some(missing) = lists.iter().position(Option::is_none) {
            return Err((
                last,
                format!("the head lacks its line `//! {}:` (`-` if there is nothing)", LISTS[missing]),
            ));
        }
        let [done, stored, refused, deviates] = lists.map(Option::unwrap_or_default);
        header.done = names(&done);
        header.stored = names(&stored);
        header.refused = names(&refused);
        header.deviates = if deviates.trim() == "-" { String::new() } else { deviates.trim().to_owned() };
        Ok(header)
    }
}

const LISTS: [&str; 4] = ["Done", "Stored", "Refused", "Deviates"];

fn list_of(content: &str) -> Option<(usize, &str)> {
    LISTS.iter().enumerate().find_map(|(index, name)| {
        let rest = content.strip_prefix(name)?.strip_prefix(':')?;
        Some((index, rest.trim()))
    })
}

fn operation_of(content: &str) -> Option<String> {
    let (name, meaning) = content.split_once(':')?;
    let well_named =
        name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(|c| c.is_ascii_alphanumeric());
    (well_named && !meaning.trim().is_empty()).then(|| name.to_owned())
}

fn names(list: &str) -> Vec<String> {
    list.split([' ', ',']).filter(|name| !name.is_empty() && *name != "-").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "\
//! SendMessage: puts one message on a queue.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
//! Done: QueueUrl MessageBody
//!   DelaySeconds
//! Stored: MessageSystemAttributes
//! Refused: -
//! Deviates: answers at once,
//!   which AWS does not.

use mesh_types::Need;
";

    #[test]
    fn a_whole_head_is_read() {
        let header = Header::parse(WHOLE).expect("a whole head");
        assert_eq!(header.operation, "SendMessage");
        assert_eq!(header.done, ["QueueUrl", "MessageBody", "DelaySeconds"]);
        assert_eq!(header.stored, ["MessageSystemAttributes"]);
        assert!(header.refused.is_empty());
        assert_eq!(header.deviates, "answers at once, which AWS does not.");
    }

    #[test]
    fn a_head_that_lacks_something_says_what() {
        for (gone, line, said) in [
            ("//! SendMessage: puts one message on a queue.", 1, "first line"),
            (
                "//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>",
                2,
                "page",
            ),
            ("//! Refused: -", 8, "Refused"),
        ] {
            let text = WHOLE.replace(gone, "//! -");
            let (at, why) = Header::parse(&text).expect_err(gone);
            assert!(why.contains(said), "{why}");
            assert_eq!(at, line, "{why}");
        }
    }

    #[test]
    fn a_list_that_stands_twice_is_refused() {
        let text = WHOLE.replace("//! Refused: -", "//! Stored: -");
        assert_eq!(Header::parse(&text), Err((6, "`Stored:` stands twice".to_owned())));
    }

    #[test]
    fn a_file_without_a_head_is_refused() {
        assert!(Header::parse("").is_err());
        assert!(Header::parse("use mesh_types::Need;\n").is_err());
    }
}
