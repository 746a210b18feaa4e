//! IP addresses and ranges of them.

use std::net::IpAddr;
use std::str::FromStr;

/// The address that a text is, with an IPv4 address in the form of IPv6 taken as what it stands for.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    // nearly every text is none, and this is seen at its first byte
    let first = text.bytes().next()?;
    if !(first.is_ascii_hexdigit() || first == b':') {
        return None;
    }
    IpAddr::from_str(text).ok().map(|address| address.to_canonical())
}

/// A range of addresses, from the one that was written to the last one under its mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    first: IpAddr,
    last: IpAddr,
}

impl Range {
    /// Reads `10.0.0.0/24`; what is wrong with it, in AWS's words.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.split('/');
        let (Some(written), Some(mask), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err("Malformed CIDR, one '/' required".to_owned());
        };
        if mask.is_empty() {
            return Err("Malformed CIDR, one '/' required".to_owned());
        }
        let Ok(mask) = mask.parse::<i32>() else {
            return Err("Malformed CIDR, mask bits must be an integer".to_owned());
        };
        let Ok(mask) = u32::try_from(mask) else {
            return Err("Malformed CIDR, mask bits must not be negative".to_owned());
        };
        let Some(first) = address(written) else {
            return Err(format!("Nonstandard IP address: {written}"));
        };
        let last = match first {
            IpAddr::V4(_) if mask > 31 => return Err("IPv4 mask bits must be < 32".to_owned()),
            IpAddr::V6(_) if mask > 127 => return Err("IPv6 mask bits must be < 128".to_owned()),
            IpAddr::V4(address) => IpAddr::V4((u32::from(address) | (u32::MAX >> mask)).into()),
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) | (u128::MAX >> mask)).into()),
        };
        Ok(Self { first, last })
    }

    pub(crate) fn holds(self, text: &str) -> bool {
        address(text).is_some_and(|address| {
            address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_the_addresses_under_its_mask() {
        let range = Range::parse("10.0.0.0/24").expect("a range");
        assert!(range.holds("10.0.0.0") && range.holds("10.0.0.255") && range.holds("::ffff:10.0.0.7"));
        assert!(!range.holds("10.0.1.0") && !range.holds("::1") && !range.holds("host") && !range.holds(""));
        let range = Range::parse("2001:db8:1234:1a00::/64").expect("a range");
        assert!(
            range.holds("2001:0db8:1234:1a00:0000:0000:0000:0000") && !range.holds("2001:db8:1234:1a01::")
        );
        assert!(Range::parse("0.0.0.0/0").expect("a range").holds("255.255.255.255"));
    }

    #[test]
    fn malformed_ranges_are_told_in_aws_order() {
        for (text, sentence) in [
            ("bad-filter", "Malformed CIDR, one '/' required"),
            ("10.0.0.0/8/8", "Malformed CIDR, one '/' required"),
            ("bad-filter/x", "Malformed CIDR, mask bits must be an integer"),
            ("10.0.0.0/-1", "Malformed CIDR, mask bits must not be negative"),
            ("bad-filter/8", "Nonstandard IP address: bad-filter"),
            ("10.0.0.0/32", "IPv4 mask bits must be < 32"),
            ("::/128", "IPv6 mask bits must be < 128"),
        ] {
            assert_eq!(Range::parse(text), Err(sentence.to_owned()), "{text}");
        }
    }
}
