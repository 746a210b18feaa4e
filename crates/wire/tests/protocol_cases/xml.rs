//! XML bodies as trees, for comparing. Only what answers are made of: elements, attributes, text, references.

use std::fmt;

/// An element. Attributes are sorted; an element has children or text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// The document's root.
    pub(crate) fn parse(document: &str) -> Result<Self, String> {
        let mut rest = document.trim();
        if let Some(behind) = rest.strip_prefix("<?xml") {
            rest = behind.split_once("?>").ok_or("a declaration without an end")?.1.trim_start();
        }
        let root = element(&mut rest)?;
        match rest.trim().is_empty() {
            true => Ok(root),
            false => Err(format!("{rest} is left over")),
        }
    }

    /// Takes the child of this name out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Self> {
        let index = self.children.iter().position(|child| child.name == name)?;
        Some(self.children.remove(index))
    }

    /// Brings what has no order into one: members of a structure, and the entries of a map. Elements of the same
    /// name keep theirs, because they are a list, but for those with a key: elements of one of the names in `keys`.
    pub(crate) fn sort(&mut self, keys: &[&str]) {
        self.children.iter_mut().for_each(|child| child.sort(keys));
        self.children.sort_by_cached_key(|child| {
            let key = child.children.iter().find(|inner| keys.contains(&&*inner.name));
            (child.name.clone(), key.map(|key| key.text.clone()))
        });
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "  ".repeat(depth);
        write!(f, "{indent}<{}", self.name)?;
        self.attributes.iter().try_for_each(|(name, value)| write!(f, " {name}={value:?}"))?;
        if self.children.is_empty() {
            return writeln!(f, ">{}</{}>", self.text, self.name);
        }
        writeln!(f, ">")?;
        self.children.iter().try_for_each(|child| child.write(f, depth + 1))?;
        writeln!(f, "{indent}</{}>", self.name)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

fn element(rest: &mut &str) -> Result<Element, String> {
    let start = *rest;
    let broken = || format!("no element: {start}");
    let tag_end = start.find('>').ok_or_else(broken)?;
    let tag = start[..tag_end].strip_prefix('<').ok_or_else(broken)?;
    let is_empty = tag.ends_with('/');
    let tag = tag.trim_end_matches('/').trim_end();
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut made =
        Element { name: name.to_owned(), attributes: parse_attributes(attributes)?, ..Element::default() };
    *rest = &start[tag_end + 1..];
    if is_empty {
        return Ok(made);
    }
    let mut text = String::new();
    loop {
        let open = rest.find('<').ok_or_else(broken)?;
        text.push_str(&unescape(&rest[..open])?);
        *rest = &rest[open..];
        if let Some(behind) = rest.strip_prefix("<!--") {
            *rest = behind.split_once("-->").ok_or_else(broken)?.1;
        } else if let Some(behind) = rest.strip_prefix("<![CDATA[") {
            let (inside, behind) = behind.split_once("]]>").ok_or_else(broken)?;
            text.push_str(inside);
            *rest = behind;
        } else if let Some(behind) = rest.strip_prefix("</") {
            let (closed, behind) = behind.split_once('>').ok_or_else(broken)?;
            if closed.trim() != made.name {
                return Err(format!("{closed} closes {}", made.name));
            }
            *rest = behind;
            break;
        } else {
            made.children.push(element(rest)?);
        }
    }
    // white space between elements says nothing
    if made.children.is_empty() {
        let is_layout = text.trim().is_empty() && text.contains('\n');
        made.text = if is_layout { String::new() } else { text };
    } else if !text.trim().is_empty() {
        return Err(format!("{} has text beside elements", made.name));
    }
    Ok(made)
}

fn parse_attributes(text: &str) -> Result<Vec<(String, String)>, String> {
    let (mut all, mut rest) = (Vec::new(), text.trim());
    while !rest.is_empty() {
        let (name, behind) = rest.split_once('=').ok_or("an attribute without a value")?;
        let quote = behind.chars().next().filter(|quote| matches!(quote, '"' | '\'')).ok_or("no quote")?;
        let (value, behind) = behind[1..].split_once(quote).ok_or("an attribute without an end")?;
        all.push((name.trim().to_owned(), unescape(value)?));
        rest = behind.trim_start();
    }
    all.sort();
    Ok(all)
}

fn unescape(text: &str) -> Result<String, String> {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, behind) = part.split_once(';').ok_or("a reference without an end")?;
        let number = match name.strip_prefix("#x") {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
            None => name.strip_prefix('#').and_then(|decimal| decimal.parse().ok()),
        };
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => number.and_then(char::from_u32).ok_or_else(|| format!("unknown reference {name}"))?,
        });
        out.push_str(behind);
    }
    Ok(out)
}

#[test]
fn a_tree_is_read_and_put_in_order() {
    let mut read = Element::parse(
        "<?xml version='1.0'?><r b='2' a=\"1\"> <y>1</y><x>a &amp;&#xD;<!-- no --> b</x><y/> </r>",
    )
    .expect("well formed");
    read.sort(&["key"]);
    assert_eq!(read.to_string(), "<r a=\"1\" b=\"2\">\n  <x>a &\r b</x>\n  <y>1</y>\n  <y></y>\n</r>\n");
    assert!(Element::parse("<r><x></r>").is_err() && Element::parse("<r/>more").is_err());
}
