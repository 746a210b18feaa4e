//! Operators: the objects among the values of a key, each with one name.
//!
//! The order in which tokens are read is AWS's, because the place that a sentence tells depends on it.

use crate::address::Range;
use crate::dialect::{self, Dialect};
use crate::failure::PolicyError;
use crate::json::{Reader, Token};
use crate::number;
use crate::pattern::{Affix, Negated, NumberRange, Pattern};
use crate::wildcard::Wildcard;

/// Reads an operator whose `{` was read, up to its `}`.
pub(crate) fn read(reader: &mut Reader<'_>, text: &str, dialect: Dialect) -> Result<Pattern, PolicyError> {
    Operator { reader, text, dialect }.read()
}

struct Operator<'r, 'a, 't> {
    reader: &'r mut Reader<'a>,
    text: &'t str,
    dialect: Dialect,
}

impl Operator<'_, '_, '_> {
    fn read(&mut self) -> Result<Pattern, PolicyError> {
        let Token::Name(name) = self.reader.next()? else {
            return Err(self.wrong("Match expression name not found"));
        };
        let pattern = match &*name {
            // its value is an array, so the sentence on what follows it is another
            "numeric" => {
                let range = self.numeric()?;
                if self.reader.next()? != Token::ObjectEnd {
                    return Err(self.wrong("Too many elements in numeric expression"));
                }
                return Ok(Pattern::Numeric(range));
            }
            "anything-but" => return self.anything_but().map(Pattern::AnythingBut),
            "exactly" => {
                let text = self.string("exact match pattern must be a string")?;
                Pattern::String(text.into())
            }
            "prefix" => Pattern::Prefix(self.affix("prefix")?),
            "suffix" => Pattern::Suffix(self.affix("suffix")?),
            "equals-ignore-case" => {
                let text = self.string("equals-ignore-case match pattern must be a string")?;
                Pattern::EqualsIgnoreCase(text.into())
            }
            "wildcard" if self.dialect.allows_wildcard() => Pattern::Wildcard(self.wildcard()?),
            "cidr" => {
                // AWS speaks of prefixes here
                let text = self.string("prefix match pattern must be a string")?;
                Pattern::AddressRange(Range::parse(&text).map_err(PolicyError::AddressRange)?)
            }
            "exists" => match self.reader.next()? {
                Token::True => Pattern::Present,
                Token::False => Pattern::Absent,
                _ => return Err(self.wrong("exists match pattern must be either true or false.")),
            },
            other => {
                let sentence = format!("Unrecognized match type {other}");
                return Err(self.wrong(sentence));
            }
        };
        self.close()?;
        Ok(pattern)
    }

    /// A string, or the sentence on what stands in its place.
    fn string(&mut self, sentence: &str) -> Result<String, PolicyError> {
        match self.reader.next()? {
            Token::StringStart => Ok(self.reader.string()?.into_owned()),
            _ => Err(self.wrong(sentence)),
        }
    }

    fn close(&mut self) -> Result<(), PolicyError> {
        match self.reader.next()? {
            Token::ObjectEnd => Ok(()),
            _ => Err(self.wrong("Only one key allowed in match expression")),
        }
    }

    /// The text of `prefix` or `suffix`, up to the end of its value.
    fn affix(&mut self, name: &str) -> Result<Affix, PolicyError> {
        match self.reader.next()? {
            Token::StringStart => {
                let text = self.reader.string()?.as_ref().into();
                Ok(Affix { text, ignores_case: false })
            }
            Token::ObjectStart if self.dialect.allows_ignored_case_in_affixes() => {
                match self.reader.next()? {
                    Token::Name(inner) if inner == "equals-ignore-case" => {}
                    Token::Name(other) => {
                        let sentence = format!("Unsupported {name} pattern: {other}");
                        return Err(self.wrong(sentence));
                    }
                    _ => {
                        return Err(self.wrong(format!("{} expression name not found", capitalized(name))));
                    }
                }
                let text = self.string("equals-ignore-case match pattern must be a string")?;
                self.close()?;
                Ok(Affix { text: text.into(), ignores_case: true })
            }
            _ => Err(self.wrong(format!("{name} match pattern must be a string"))),
        }
    }

    fn wildcard(&mut self) -> Result<Wildcard, PolicyError> {
        let text = self.string("wildcard match pattern must be a string")?;
        Wildcard::parse(&text).map_err(|sentence| self.wrong(sentence))
    }

    /// The value of `anything-but`, and the `}` behind it.
    fn anything_but(&mut self) -> Result<Negated, PolicyError> {
        let negated = match self.reader.next()? {
            Token::ObjectStart => {
                let negated = self.negated_operator()?;
                self.close()?;
                self.close()?;
                return Ok(negated);
            }
            Token::ArrayStart => self.negated_list()?,
            Token::StringStart => Negated::Strings(vec![self.reader.string()?.as_ref().into()]),
            Token::Number(text) => Negated::Numbers(vec![self.units(text)?]),
            _ => {
                return Err(
                    self.wrong("Value of anything-but must be an array or single string/number value.")
                );
            }
        };
        if self.reader.next()? != Token::ObjectEnd {
            return Err(self.wrong("Too many elements in numeric expression"));
        }
        Ok(negated)
    }

    /// The values of `anything-but`, all of them strings or all of them numbers.
    fn negated_list(&mut self) -> Result<Negated, PolicyError> {
        let (mut strings, mut numbers) = (Vec::new(), Vec::new());
        loop {
            match self.reader.next()? {
                Token::ArrayEnd => break,
                Token::StringStart => strings.push(self.reader.string()?.as_ref().into()),
                Token::Number(text) => numbers.push(self.units(text)?),
                _ => {
                    return Err(self.wrong("Inside anything but list, start|null|boolean is not supported."));
                }
            }
        }
        match (strings.is_empty(), numbers.is_empty()) {
            (false, true) => Ok(Negated::Strings(strings)),
            (true, false) => Ok(Negated::Numbers(numbers)),
            _ => Err(self.wrong(
                "Inside anything but list, either all values are number or string, mixed type is not supported",
            )),
        }
    }

    /// The operator inside `anything-but`, up to the end of its value.
    fn negated_operator(&mut self) -> Result<Negated, PolicyError> {
        let Token::Name(name) = self.reader.next()? else {
            return Err(self.wrong("Anything-But expression name not found"));
        };
        let operator = match &*name {
            "prefix" => Some(dialect::Negated::Prefix),
            "suffix" => Some(dialect::Negated::Suffix),
            "equals-ignore-case" => Some(dialect::Negated::EqualsIgnoreCase),
            "wildcard" => Some(dialect::Negated::Wildcard),
            _ => None,
        };
        let Some(operator) = operator.filter(|operator| self.dialect.allows_negated(*operator)) else {
            let sentence = format!("Unsupported anything-but pattern: {name}");
            return Err(self.wrong(sentence));
        };
        let texts = self.negated_texts(operator, &name)?;
        Ok(match operator {
            dialect::Negated::Prefix => Negated::Prefixes(texts),
            dialect::Negated::Suffix => Negated::Suffixes(texts),
            dialect::Negated::EqualsIgnoreCase => Negated::EqualsIgnoreCase(texts),
            dialect::Negated::Wildcard => {
                let wildcards = texts.iter().map(|text| Wildcard::parse(text)).collect::<Result<_, _>>();
                Negated::Wildcards(wildcards.map_err(|sentence| self.wrong(sentence))?)
            }
        })
    }

    fn negated_texts(
        &mut self,
        operator: dialect::Negated,
        name: &str,
    ) -> Result<Vec<Box<str>>, PolicyError> {
        let mut texts = Vec::new();
        match self.reader.next()? {
            Token::StringStart => texts.push(self.negated_text(operator)?),
            Token::ArrayStart if self.dialect.allows_negated_lists() => loop {
                match self.reader.next()? {
                    Token::ArrayEnd => break,
                    Token::StringStart => texts.push(self.negated_text(operator)?),
                    _ => {
                        return Err(self.wrong(format!(
                            "Inside anything-but/{name} list, number|start|null|boolean is not supported."
                        )));
                    }
                }
            },
            _ => {
                let kind = match operator {
                    dialect::Negated::Prefix | dialect::Negated::Suffix => "prefix/suffix",
                    dialect::Negated::EqualsIgnoreCase | dialect::Negated::Wildcard => name,
                };
                return Err(self.wrong(format!("{kind} match pattern must be a string")));
            }
        }
        if texts.is_empty() {
            return Err(self.wrong("Empty arrays are not allowed"));
        }
        Ok(texts)
    }

    fn negated_text(&mut self, operator: dialect::Negated) -> Result<Box<str>, PolicyError> {
        let text = self.reader.string()?;
        match operator {
            dialect::Negated::Prefix | dialect::Negated::Suffix if text.is_empty() => {
                Err(self.wrong("Null prefix/suffix not allowed"))
            }
            _ => Ok(text.as_ref().into()),
        }
    }

    /// The range of `numeric`: one comparison, or a lower end and an upper one, in this order.
    fn numeric(&mut self) -> Result<NumberRange, PolicyError> {
        if self.reader.next()? != Token::ArrayStart {
            return Err(self.wrong("Value of numeric must be an array."));
        }
        let operator = match self.reader.next()? {
            Token::StringStart => self.reader.string()?.into_owned(),
            other => {
                let sentence = format!("Invalid member in numeric match: {}", shown(&other));
                return Err(self.wrong(sentence));
            }
        };
        let value = self.reader.next()?;
        let comparison = match &*operator {
            "=" => "equals",
            "<" | "<=" | ">" | ">=" => &operator,
            other => return Err(self.wrong(format!("Unrecognized numeric range operator: {other}"))),
        };
        let Token::Number(value) = value else {
            return Err(self.wrong(format!("Value of {comparison} must be numeric")));
        };
        let next = self.reader.next()?;
        if next != Token::ArrayEnd {
            if !operator.starts_with('>') {
                return Err(self.wrong("Too many elements in numeric expression"));
            }
            let (top, is_top_open) = self.upper_end(next)?;
            return self.range(Some((value, operator == ">")), Some((&top, is_top_open)));
        }
        match &*operator {
            "=" => {
                let units = self.units(value)?;
                Ok(NumberRange { bottom: units, is_bottom_open: false, top: units, is_top_open: false })
            }
            ">" | ">=" => self.range(Some((value, operator == ">")), None),
            _ => self.range(None, Some((value, operator == "<"))),
        }
    }

    /// The upper end of a range: its number, and whether the number itself is beyond it.
    fn upper_end(&mut self, operator: Token<'_>) -> Result<(String, bool), PolicyError> {
        let operator = match operator {
            Token::StringStart => self.reader.string()?.into_owned(),
            other => {
                let sentence = format!("Bad value in numeric range: {}", shown(&other));
                return Err(self.wrong(sentence));
            }
        };
        if !matches!(&*operator, "<" | "<=") {
            return Err(self.wrong(format!("Bad numeric range operator: {operator}")));
        }
        let Token::Number(top) = self.reader.next()? else {
            return Err(self.wrong(format!("Value of {operator} must be numeric")));
        };
        let top = top.to_owned();
        if self.reader.next()? != Token::ArrayEnd {
            return Err(self.wrong("Too many terms in numeric range expression"));
        }
        Ok((top, operator == "<"))
    }

    /// A range of numbers; an end that is not told is the end of all numbers that can be compared.
    fn range(
        &self,
        bottom: Option<(&str, bool)>,
        top: Option<(&str, bool)>,
    ) -> Result<NumberRange, PolicyError> {
        let limit = self.dialect.number_limit().to_string();
        let lowest = format!("-{limit}");
        let (bottom, is_bottom_open) = bottom.unwrap_or((&lowest, false));
        let (top, is_top_open) = top.unwrap_or((&limit, false));
        if !number::is_less(bottom, top).unwrap_or(false) {
            return Err(self.wrong("Bottom must be less than top"));
        }
        Ok(NumberRange { bottom: self.units(bottom)?, is_bottom_open, top: self.units(top)?, is_top_open })
    }

    fn units(&self, text: &str) -> Result<i64, PolicyError> {
        number::units(text, self.dialect).ok_or_else(|| {
            let limit = self.dialect.number_limit() / 1_000_000_000;
            self.wrong(format!("Value must be between -{limit}.0E9 and {limit}.0E9, inclusive"))
        })
    }

    fn wrong(&self, sentence: impl Into<String>) -> PolicyError {
        PolicyError::pattern(sentence.into(), self.text, self.reader.location())
    }
}

/// A token as sentences show it.
fn shown(token: &Token<'_>) -> String {
    match token {
        Token::ObjectStart => "{".to_owned(),
        Token::ObjectEnd => "}".to_owned(),
        Token::ArrayStart => "[".to_owned(),
        Token::ArrayEnd => "]".to_owned(),
        Token::Name(text) => text.clone().into_owned(),
        Token::Number(text) => (*text).to_owned(),
        Token::True => "true".to_owned(),
        Token::False => "false".to_owned(),
        Token::Null | Token::StringStart | Token::End => "null".to_owned(),
    }
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
