//! The event of an invocation: any JSON.

use super::failure::InvalidEvent;
use serde::de::IgnoredAny;

/// Passes an event that is JSON.
///
/// # Errors
/// It is none.
pub fn check(event: &[u8]) -> Result<(), InvalidEvent> {
    // a text of one byte that is none must be told apart from one that breaks off
    match serde_json::from_slice::<IgnoredAny>(event) {
        Ok(IgnoredAny) => Ok(()),
        Err(error) => Err(InvalidEvent { what: words(event, &error) }),
    }
}

/// The words of AWS's parser, where the fault is at the first byte; else what ours says.
fn words(event: &[u8], error: &serde_json::Error) -> String {
    let redacted = "at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled);";
    let place = |column: usize| format!("\n {redacted} line: {}, column: {column}]", error.line());
    let expected =
        "expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
    match event.first() {
        Some(byte) if error.column() <= 1 && !byte.is_ascii_alphabetic() => {
            let shown = match byte {
                b' '..=b'~' => format!("'{}' (code {byte})", char::from(*byte)),
                _ => format!("(CTRL-CHAR, code {byte})"),
            };
            format!("Unexpected character ({shown}): {expected}{}", place(1))
        }
        _ => format!("{error}{}", place(error.column())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // recordings/lambda.json::lambda::TestLambdaErrors::test_lambda_invoke_payload_encoding_error
    #[test]
    fn what_is_no_json_is_refused_in_awss_words() {
        let refused = check(b"\x99\xeb,j").expect_err("no JSON").to_string();
        let sentence = "Could not parse request body into json: Could not parse payload into json: Unexpected character \
                        ((CTRL-CHAR, code 153)): expected a valid value (JSON String, Number, Array, Object or token \
                        'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` \
                        disabled); line: 1, column: 1]";
        assert_eq!(refused, sentence);
        for bad in [&b"{"[..], b"{'a': 1}", b"[1,]", b"nope", b"1 2", &[b'['; 10_000]] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
        for good in [&b"{}"[..], b"null", b" 1 ", "\"\u{2603}\"".as_bytes(), b"[1,{\"a\":[]}]"] {
            assert!(check(good).is_ok(), "{good:?}");
        }
    }
}
