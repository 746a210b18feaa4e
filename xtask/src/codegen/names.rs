//! A model's names as Rust's.

/// `MD5OfMessageBody` becomes `md5_of_message_body`, `DBInstance` `db_instance`; a keyword gets a trailing underscore.
pub(super) fn field(name: &str) -> String {
    let mut snake = words(name);
    if is_keyword(&snake) {
        snake.push('_');
    }
    snake
}

/// The name of a static.
pub(super) fn constant(name: &str) -> String {
    words(name).to_uppercase()
}

/// The name of a type: the model's own, its first letter upper case, kept apart from the names of Rust's prelude.
pub(super) fn type_name(name: &str) -> String {
    let mut letters = name.trim_start_matches('_').chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let mut name = first + letters.as_str();
    const TAKEN: &[&str] = &[
        "Blob",
        "Box",
        "DateTime",
        "Default",
        "Document",
        "Err",
        "Http",
        "Map",
        "None",
        "Ok",
        "Operation",
        "OperationMeta",
        "Option",
        "Paginator",
        "Protocol",
        "Result",
        "Route",
        "Self",
        "SerdeError",
        "Schema",
        "ServiceMeta",
        "Shape",
        "Some",
        "String",
        "Vec",
    ];
    if TAKEN.contains(&name.as_str()) {
        name.push_str("Shape");
    }
    name
}

fn words(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 8);
    for (at, &letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            if !out.is_empty() && !out.ends_with('_') {
                out.push('_');
            }
            continue;
        }
        if letter.is_ascii_uppercase() && starts_word(&letters, at) && !out.is_empty() && !out.ends_with('_')
        {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    if out.starts_with(|first: char| first.is_ascii_digit()) {
        out.insert(0, '_');
    }
    out.trim_end_matches('_').to_owned()
}

/// Whether the upper-case letter at an index begins a word.
fn starts_word(letters: &[char], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|at| letters.get(at)) else { return false };
    if !before.is_ascii_uppercase() {
        return true;
    }
    // inside capitals: the last of them begins a word, if what follows is one and not a plural's `s`, as in `ARNs`
    let after = |by: usize| letters.get(at + by).copied();
    let plural = after(1) == Some('s') && after(2).is_none_or(|next| !next.is_ascii_lowercase());
    let version = after(1) == Some('v') && after(2).is_some_and(|next| next.is_ascii_digit());
    after(1).is_some_and(|next| next.is_ascii_lowercase()) && !plural && !version
}

fn is_keyword(word: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do",
        "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
        "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self",
        "static", "struct", "super", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
        "virtual", "where", "while", "yield",
    ];
    KEYWORDS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_and_digits_stay_together() {
        let cases = [
            ("QueueUrl", "queue_url"),
            ("MD5OfMessageBody", "md5_of_message_body"),
            ("DBInstance", "db_instance"),
            ("KMSKeyId", "kms_key_id"),
            ("S3Key", "s3_key"),
            ("CodeSha256", "code_sha256"),
            ("TableARNs", "table_arns"),
            ("EnableIPv6", "enable_ipv6"),
            ("Ipv6AllowedForDualStack", "ipv6_allowed_for_dual_stack"),
            ("restapi_id", "restapi_id"),
            ("NULL", "null"),
            ("M", "m"),
            ("tags", "tags"),
        ];
        for (name, wanted) in cases {
            assert_eq!(field(name), wanted, "{name}");
        }
    }

    #[test]
    fn keywords_get_an_underscore() {
        assert_eq!((field("Type").as_str(), field("in").as_str()), ("type_", "in_"));
    }

    #[test]
    fn names_of_types_start_upper_case_and_do_not_hide_rusts() {
        assert_eq!(type_name("__listOf__string"), "ListOf__string");
        assert_eq!((type_name("message").as_str(), type_name("Option").as_str()), ("Message", "OptionShape"));
        assert_eq!(constant("__listOf__string"), "LIST_OF_STRING");
    }
}
