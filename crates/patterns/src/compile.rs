//! A policy's text, read into the rules it stands for.

use crate::dialect::Dialect;
use crate::document::MAX_STEPS;
use crate::failure::PolicyError;
use crate::json::{Reader, Token};
use crate::operators;
use crate::pattern::Pattern;
use crate::policy::{Key, Rule, Step};
use std::collections::BTreeMap;
use std::sync::Arc;

const ALTERNATIVES: &str = "$or";

/// Names that stand for operators, so they cannot be keys inside `$or`.
const RESERVED: [&str; 9] = [
    "exactly",
    "prefix",
    "suffix",
    "equals-ignore-case",
    "wildcard",
    "numeric",
    "cidr",
    "exists",
    "anything-but",
];

/// Conditions by whole keys.
type Conditions = BTreeMap<String, Arc<[Pattern]>>;

/// The rules of a policy, in the order of its alternatives.
pub(crate) fn compile(text: &str, dialect: Dialect) -> Result<Vec<Rule>, PolicyError> {
    if text.len() > dialect.max_bytes() {
        return Err(PolicyError::TooLarge { limit: dialect.max_bytes() });
    }
    let mut compiler = Compiler {
        text,
        reader: Reader::new(text),
        dialect,
        rules: vec![Conditions::new()],
        combinations: vec![1],
        is_too_complex: false,
        is_nested: false,
    };
    if compiler.reader.next()? != Token::ObjectStart {
        return Err(compiler.wrong("Filter is not an object"));
    }
    let keys = compiler.object(&mut Vec::new(), Place::Top)?;
    if let Some(limit) = dialect.max_keys()
        && keys > limit
    {
        return Err(PolicyError::TooManyKeys { limit });
    }
    if compiler.is_nested && !dialect.allows_nesting() {
        return Err(PolicyError::NestedInAttributes);
    }
    if compiler.is_too_complex {
        return Err(PolicyError::TooComplex);
    }
    Ok(compiler.rules.into_iter().map(rule).collect())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Below,
    InAlternatives,
}

/// Reads, and multiplies out. Each rule carries how many combinations of values it stands for.
struct Compiler<'a> {
    text: &'a str,
    reader: Reader<'a>,
    dialect: Dialect,
    rules: Vec<Conditions>,
    combinations: Vec<u64>,
    is_too_complex: bool,
    is_nested: bool,
}

impl Compiler<'_> {
    /// Reads the members of an object whose beginning was read; how many it has.
    fn object(&mut self, path: &mut Vec<String>, place: Place) -> Result<usize, PolicyError> {
        let mut members = 0;
        while let Token::Name(name) = self.reader.next()? {
            members += 1;
            if place == Place::Top && self.dialect.max_keys().is_some_and(|limit| members > limit) {
                self.give_up();
            }
            if name == ALTERNATIVES {
                self.alternatives(path)?;
                continue;
            }
            if place == Place::InAlternatives && RESERVED.contains(&&*name) {
                return Err(self.wrong(format!(
                    "{name} is Ruler reserved fieldName which cannot be used inside {ALTERNATIVES}."
                )));
            }
            let name = name.into_owned();
            match self.reader.next()? {
                Token::ObjectStart => {
                    self.is_nested = true;
                    path.push(name);
                    let inner = if place == Place::Top { Place::Below } else { place };
                    self.object(path, inner)?;
                    path.pop();
                }
                Token::ArrayStart => {
                    let patterns = self.values()?;
                    path.push(name);
                    self.require(path, patterns);
                    path.pop();
                }
                _ => return Err(self.wrong(format!("\"{name}\" must be an object or an array"))),
            }
        }
        if members == 0 && !(place == Place::Top && self.dialect.allows_empty()) {
            return Err(self.wrong("Empty objects are not allowed"));
        }
        Ok(members)
    }

    /// Reads the array of `$or`: each of its objects goes on from the rules that were there before it.
    fn alternatives(&mut self, path: &mut Vec<String>) -> Result<(), PolicyError> {
        if self.reader.next()? != Token::ArrayStart {
            return Err(self.wrong(format!("It must be an Array followed with {ALTERNATIVES}.")));
        }
        let mut before = (std::mem::take(&mut self.rules), std::mem::take(&mut self.combinations));
        let (mut rules, mut combinations) = (Vec::new(), Vec::new());
        let mut objects = 0;
        loop {
            match self.reader.next()? {
                Token::ArrayEnd => break,
                Token::ObjectStart => {
                    objects += 1;
                    (self.rules, self.combinations) = before.clone();
                    self.object(path, Place::InAlternatives)?;
                    rules.append(&mut self.rules);
                    combinations.append(&mut self.combinations);
                    if rules.len() as u64 > self.dialect.max_combinations() {
                        self.is_too_complex = true;
                    }
                    if self.is_too_complex {
                        self.give_up();
                        before = (self.rules.clone(), self.combinations.clone());
                        (rules, combinations) = before.clone();
                    }
                }
                _ => {
                    return Err(self.wrong(format!(
                        "Only JSON object is allowed in array of {ALTERNATIVES} relationship."
                    )));
                }
            }
        }
        if objects < 2 {
            return Err(
                self.wrong(format!("There must have at least 2 Objects in {ALTERNATIVES} relationship."))
            );
        }
        (self.rules, self.combinations) = (rules, combinations);
        Ok(())
    }

    /// Reads the values of a key, of which one must match.
    fn values(&mut self) -> Result<Vec<Pattern>, PolicyError> {
        let mut patterns = Vec::new();
        loop {
            patterns.push(match self.reader.next()? {
                Token::ArrayEnd if patterns.is_empty() => {
                    return Err(self.wrong("Empty arrays are not allowed"));
                }
                Token::ArrayEnd => return Ok(patterns),
                Token::StringStart => Pattern::of_string(&self.reader.string()?),
                Token::Number(text) => Pattern::of_number(text, self.dialect),
                Token::Null => Pattern::Null,
                Token::True => Pattern::Bool(true),
                Token::False => Pattern::Bool(false),
                Token::ObjectStart => operators::read(&mut self.reader, self.text, self.dialect)?,
                _ => return Err(self.wrong("Match value must be String, number, true, false, or null")),
            });
        }
    }

    /// Reads on for what else is wrong, with nothing left to multiply.
    fn give_up(&mut self) {
        self.is_too_complex = true;
        self.rules = vec![Conditions::new()];
        self.combinations = vec![1];
    }

    /// Adds the conditions on a key to every rule.
    fn require(&mut self, path: &[String], patterns: Vec<Pattern>) {
        if self.is_too_complex {
            return;
        }
        if self.dialect.counts_values() {
            let factor = (patterns.len() as u64).saturating_mul(path.len() as u64);
            for combinations in &mut self.combinations {
                *combinations = combinations.saturating_mul(factor);
            }
            let total = self.combinations.iter().fold(0u64, |sum, one| sum.saturating_add(*one));
            self.is_too_complex |= total > self.dialect.max_combinations();
        }
        let patterns: Arc<[Pattern]> = patterns.into();
        let path = path.join(".");
        for rule in &mut self.rules {
            rule.insert(path.clone(), patterns.clone());
        }
    }

    fn wrong(&self, sentence: impl Into<String>) -> PolicyError {
        PolicyError::pattern(sentence.into(), self.text, self.reader.location())
    }
}

/// A rule with its steps.
fn rule(conditions: Conditions) -> Rule {
    let keys: Vec<Key> = conditions
        .into_iter()
        .map(|(path, patterns)| Key { path: path.into_boxed_str(), patterns })
        .collect();
    let mut steps = Vec::new();
    for key in &keys {
        // no document has more steps, so what is beyond them may stay one name
        place(&mut steps, key.path.splitn(MAX_STEPS, '.'), key);
    }
    mark(&mut steps);
    Rule { keys, steps }
}

/// Puts a key where its steps lead.
fn place<'a>(steps: &mut Vec<Step>, names: impl Iterator<Item = &'a str>, key: &Key) {
    let mut steps = steps;
    let mut names = names.peekable();
    while let Some(name) = names.next() {
        let at = steps.iter().position(|step| *step.name == *name).unwrap_or_else(|| {
            steps.push(Step { name: name.into(), key: None, steps: Vec::new(), wants_absence: false });
            steps.len() - 1
        });
        if names.peek().is_none() {
            steps[at].key = Some(key.clone());
        }
        steps = &mut steps[at].steps;
    }
}

/// Notes which steps ask only for absence.
fn mark(steps: &mut [Step]) -> bool {
    let mut all = true;
    for step in steps {
        let below = mark(&mut step.steps);
        step.wants_absence = below && step.key.as_ref().is_none_or(Key::wants_absence);
        all &= step.wants_absence;
    }
    all
}
