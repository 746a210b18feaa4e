//! AWS's published examples of Signature Version 4, and what is refused.

use super::super::{Signed, read};
use super::*;
use http::{HeaderName, HeaderValue};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z.
const SIGNED_AT: Timestamp = Timestamp::from_secs(1_440_938_160);

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    let parse = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().expect("a name"), HeaderValue::from_str(value).expect("a value"))
    };
    pairs.iter().map(parse).collect()
}

/// One of AWS's examples: they share key, date and scope.
struct Example {
    method: &'static str,
    path: &'static str,
    query: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    signed_headers: &'static str,
    signature: &'static str,
}

impl Example {
    const fn get(path: &'static str, query: &'static str, signature: &'static str) -> Self {
        let (method, headers, body, signed_headers) = ("GET", &[], "", "host;x-amz-date");
        Self { method, path, query, headers, body, signed_headers, signature }
    }

    fn verify_at(&self, now: Timestamp, body: &str, secret_key: &str) -> Result<(), Refusal> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={}, \
             Signature={}",
            self.signed_headers, self.signature
        );
        let mut all = headers(&[
            ("host", "example.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
            ("authorization", &authorization),
        ]);
        headers(self.headers).into_iter().fold(None, |last, (name, value)| {
            let name = name.or(last)?;
            all.append(&name, value);
            Some(name)
        });
        let Signed::Version4(signature) = read(&all, "") else { panic!("the example is signed") };
        let request = SignedRequest {
            method: self.method,
            path: self.path,
            query: self.query,
            headers: &all,
            authority: None,
            body: body.as_bytes(),
        };
        verify(&signature, request, secret_key, now)
    }
}

const VANILLA: Example =
    Example::get("/", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");

#[test]
fn awss_examples_are_right() {
    let examples = [
        VANILLA,
        Example::get(
            "/",
            "Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        Example::get("/ሴ", "", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Example::get("/", "ሴ=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Example::get("//example//", "", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        Example::get(
            "/example space/",
            "",
            "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
        ),
        Example::get("/example1/example2/../..", "", VANILLA.signature),
        Example {
            headers: &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")],
            signed_headers: "host;my-header1;my-header2;x-amz-date",
            ..Example::get("/", "", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")
        },
        Example {
            headers: &[
                ("my-header1", "value4"),
                ("my-header1", "value1"),
                ("my-header1", "value3"),
                ("my-header1", "value2"),
            ],
            signed_headers: "host;my-header1;x-amz-date",
            ..Example::get("/", "", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01")
        },
        Example {
            method: "POST",
            headers: &[("content-type", "application/x-www-form-urlencoded")],
            body: "Param1=value1",
            signed_headers: "content-type;host;x-amz-date",
            ..Example::get("/", "", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a")
        },
    ];
    for example in examples {
        let answer = example.verify_at(SIGNED_AT, example.body, SECRET);
        assert_eq!(answer, Ok(()), "{} {}?{}", example.method, example.path, example.query);
    }
}

#[test]
fn another_key_and_another_body_are_refused() {
    assert_eq!(VANILLA.verify_at(SIGNED_AT, "", "another"), Err(Refusal::Mismatch));
    assert_eq!(VANILLA.verify_at(SIGNED_AT, "x", SECRET), Err(Refusal::Mismatch));
    let named = Example {
        headers: &[(
            "x-amz-content-sha256",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        )],
        ..VANILLA
    };
    assert_eq!(named.verify_at(SIGNED_AT, "x", SECRET), Err(Refusal::OtherBody));
}

#[test]
fn a_signature_holds_five_minutes_either_way() {
    let minutes = |count: u64| Duration::from_secs(count * 60);
    assert_eq!(VANILLA.verify_at(SIGNED_AT + minutes(5), "", SECRET), Ok(()));
    assert_eq!(VANILLA.verify_at(SIGNED_AT - minutes(5), "", SECRET), Ok(()));
    let late = VANILLA.verify_at(SIGNED_AT + minutes(6), "", SECRET).expect_err("too late");
    assert_eq!(
        late.to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)"
    );
    let early = VANILLA.verify_at(SIGNED_AT - minutes(6), "", SECRET).expect_err("too early");
    assert_eq!(
        early.to_string(),
        "Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T123000Z + 5 min.)"
    );
}

#[test]
fn awss_presigned_example_is_right_until_it_expires() {
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3\
                 %2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
                 &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let headers = headers(&[("host", "examplebucket.s3.amazonaws.com")]);
    let Signed::Version4(signature) = read(&headers, query) else { panic!("it is signed") };
    let request = SignedRequest {
        method: "GET",
        path: "/test.txt",
        query,
        headers: &headers,
        authority: None,
        body: b"",
    };
    let secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let signed_at = Timestamp::from_secs(1_369_353_600);
    let day = Duration::from_secs(86_400);
    assert_eq!(verify(&signature, request, secret_key, signed_at + day), Ok(()));
    let late = verify(&signature, request, secret_key, signed_at + day + Duration::from_secs(1));
    assert!(matches!(late, Err(Refusal::Expired { .. })), "{late:?}");
}

#[test]
fn what_is_incomplete_is_refused_by_the_missing_part() {
    let example = Example { signature: "", ..VANILLA };
    let error = example.verify_at(SIGNED_AT, "", SECRET).expect_err("no signature");
    assert_eq!(error.to_string(), "Authorization header requires 'Signature' parameter.");
    assert_eq!(error.meta().query_code, "IncompleteSignature");
}
