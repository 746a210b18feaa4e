//! CBOR bodies as JSON values, for comparing: byte strings, moments and the floats that JSON lacks become objects with
//! a telling name, so that no two different values look alike.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value as Json, json};

/// The one item that the bytes are.
pub(crate) fn parse(bytes: &[u8]) -> Result<Json, String> {
    let mut reader = Reader { bytes, at: 0 };
    let value = reader.item()?.ok_or("a break without a beginning")?;
    match reader.at == bytes.len() {
        true => Ok(value),
        false => Err(format!("bytes are left over behind {value}")),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take(&mut self, length: usize) -> Result<&[u8], String> {
        let taken =
            self.bytes.get(self.at..self.at.saturating_add(length)).ok_or("the body ends too soon")?;
        self.at += length;
        Ok(taken)
    }

    fn big_endian(&mut self, length: usize) -> Result<u64, String> {
        Ok(self.take(length)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// An item, or nothing at a break.
    fn item(&mut self) -> Result<Option<Json>, String> {
        let first = self.take(1)?[0];
        let (major, info) = (first >> 5, first & 31);
        if major == 7 {
            return self.simple(info);
        }
        let argument = match info {
            0..24 => Some(u64::from(info)),
            24..28 => Some(self.big_endian(1 << (info - 24))?),
            31 => None,
            _ => return Err(format!("{first:#x} begins no item")),
        };
        self.of_major(major, argument).map(Some)
    }

    fn of_major(&mut self, major: u8, argument: Option<u64>) -> Result<Json, String> {
        match (major, argument) {
            (0, Some(value)) => Ok(json!(value)),
            (1, Some(value)) => Ok(json!(-1 - i64::try_from(value).map_err(|_| "too negative")?)),
            (2, length) => Ok(json!({ "bytes": BASE64_STANDARD.encode(self.string(length)?) })),
            (3, length) => {
                Ok(json!(String::from_utf8(self.string(length)?).map_err(|_| "text that is no UTF-8")?))
            }
            (4, length) => self.list(length),
            (5, length) => self.map(length),
            (6, Some(1)) => {
                let moment =
                    self.item()?.and_then(|value| value.as_f64()).ok_or("a moment that is no number")?;
                Ok(json!({ "moment": moment }))
            }
            _ => Err("an item that no protocol has".to_owned()),
        }
    }

    fn string(&mut self, length: Option<u64>) -> Result<Vec<u8>, String> {
        if let Some(length) = length {
            return Ok(self.take(usize::try_from(length).map_err(|_| "too long")?)?.to_vec());
        }
        let mut all = Vec::new();
        while let Some(chunk) = self.item()? {
            match (chunk.as_str(), chunk["bytes"].as_str()) {
                (Some(text), _) => all.extend_from_slice(text.as_bytes()),
                (_, Some(bytes)) => {
                    all.extend(BASE64_STANDARD.decode(bytes).map_err(|error| error.to_string())?)
                }
                _ => return Err("a chunk that is no string".to_owned()),
            }
        }
        Ok(all)
    }

    fn list(&mut self, length: Option<u64>) -> Result<Json, String> {
        let mut all = Vec::new();
        while length.is_none_or(|length| (all.len() as u64) < length) {
            match (self.item()?, length) {
                (Some(value), _) => all.push(value),
                (None, None) => break,
                (None, Some(_)) => return Err("a break in a list with a length".to_owned()),
            }
        }
        Ok(Json::Array(all))
    }

    fn map(&mut self, length: Option<u64>) -> Result<Json, String> {
        let (mut all, mut count) = (Map::new(), 0);
        while length.is_none_or(|length| count < length) {
            let Some(name) = self.item()? else {
                return if length.is_none() {
                    Ok(Json::Object(all))
                } else {
                    Err("a map that breaks off".to_owned())
                };
            };
            let name = name.as_str().ok_or("a name that is no text")?.to_owned();
            let value = self.item()?.ok_or("a name without a value")?;
            if let Some(former) = all.insert(name.clone(), value) {
                return Err(format!("{name} is there twice, first as {former}"));
            }
            count += 1;
        }
        Ok(Json::Object(all))
    }

    fn simple(&mut self, info: u8) -> Result<Option<Json>, String> {
        Ok(Some(match info {
            20 => json!(false),
            21 => json!(true),
            22 | 23 => Json::Null,
            25 => float(half(self.big_endian(2)?)),
            26 => float(f64::from(f32::from_bits(self.big_endian(4)? as u32))),
            27 => float(f64::from_bits(self.big_endian(8)?)),
            31 => return Ok(None),
            _ => return Err("an unknown simple value".to_owned()),
        }))
    }
}

fn float(value: f64) -> Json {
    if value.is_finite() { json!(value) } else { json!({ "float": value.to_string() }) }
}

/// A float of half precision.
fn half(bits: u64) -> f64 {
    let (exponent, mantissa) = ((bits >> 10 & 31) as i32, (bits & 1023) as f64);
    let magnitude = match exponent {
        0 => mantissa * 2_f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + mantissa / 1024.0) * 2_f64.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[test]
fn items_of_every_kind_are_read() {
    let bytes = b"\xbf\x61a\x9f\x01\x20\xff\x61b\xc1\xfb\x41\xd9\x00\x00\x00\x00\x00\x00\x61c\xf9\x3e\x00\x61d\x5f\x41x\x41y\xff\xff";
    let read = json!({"a": [1, -1], "b": {"moment": 1_677_721_600.0}, "c": 1.5, "d": {"bytes": "eHk="}});
    assert_eq!(parse(bytes), Ok(read));
    assert!(parse(b"\x82\x01").is_err() && parse(b"\x01\x01").is_err() && parse(b"\xff").is_err());
}
