//! What was measured, beside what has to be reached.

use super::tool::Loaded;
use serde::Serialize;
use std::fmt;

/// Whether a bar was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdict {
    Met,
    Missed,
    /// There is no bar, or nothing to hold against it; the sentence says why.
    NotMeasured(String),
}

impl Verdict {
    /// Met if it is true.
    pub(super) fn of(met: bool) -> Self {
        if met { Verdict::Met } else { Verdict::Missed }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Met => f.write_str("met"),
            Verdict::Missed => f.write_str("MISSED"),
            Verdict::NotMeasured(why) => write!(f, "not measured: {why}"),
        }
    }
}

/// One server in one scenario: the medians over the rounds.
#[derive(Debug, Clone, Default, Serialize)]
struct Side {
    cpu_us: f64,
    ticked_us: f64,
    requests_per_second: f64,
    p50_us: f64,
    p99_us: f64,
    requests: u64,
}

/// One scenario on both servers.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    scenario: String,
    echo: Side,
    ours: Side,
    /// The bare server's CPU time divided by ours, the median over the rounds; and the lowest and the highest.
    ratio: f64,
    lowest: f64,
    highest: f64,
    answer_bytes: u64,
    bar: f64,
    pub(super) verdict: Verdict,
}

impl Row {
    /// The rounds of a scenario.
    pub(super) fn of(scenario: &str, bar: f64, echo: &[Loaded], ours: &[Loaded]) -> Self {
        let cpu = |loaded: &Loaded| loaded.cpu_us_per_request.unwrap_or_default();
        let ratios: Vec<f64> = echo.iter().zip(ours).map(|(echo, ours)| cpu(echo) / cpu(ours)).collect();
        let ratio = median(&ratios);
        Row {
            scenario: scenario.to_owned(),
            echo: Side::of(echo),
            ours: Side::of(ours),
            ratio,
            lowest: ratios.iter().copied().fold(f64::INFINITY, f64::min),
            highest: ratios.iter().copied().fold(0.0, f64::max),
            answer_bytes: ours.last().map_or(0, |loaded| loaded.answer_bytes),
            bar,
            verdict: Verdict::of(ratio >= bar),
        }
    }

    /// A scenario that could not be measured.
    pub(super) fn not_measured(scenario: &str, bar: f64, error: &anyhow::Error) -> Self {
        Row { verdict: Verdict::NotMeasured(format!("{error:#}")), ..Row::of(scenario, bar, &[], &[]) }
    }

    /// The table's head.
    pub(super) fn head() -> String {
        format!(
            "{:<19}{:>8}{:>8}{:>7}{:>15}{:>7}{:>10}{:>10}{:>9}{:>9}{:>6}  {}",
            "scenario",
            "echo us",
            "ours us",
            "ratio",
            "(low to high)",
            "over",
            "echo r/s",
            "ours r/s",
            "p50 us",
            "p99 us",
            "bar",
            "bar met?"
        )
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { scenario, echo, ours, ratio, lowest, highest, bar, verdict, .. } = self;
        if let Verdict::NotMeasured(_) = verdict {
            return write!(f, "{scenario:<19}{verdict}");
        }
        write!(
            f,
            "{scenario:<19}{:>8.2}{:>8.2}{ratio:>7.2}{:>15}{:>7.2}{:>10.0}{:>10.0}{:>9.0}{:>9.0}{bar:>6.2}  {verdict}",
            echo.cpu_us,
            ours.cpu_us,
            format!("({lowest:.2} to {highest:.2})"),
            ours.cpu_us - echo.cpu_us,
            echo.requests_per_second,
            ours.requests_per_second,
            ours.p50_us,
            ours.p99_us,
        )
    }
}

impl Side {
    fn of(rounds: &[Loaded]) -> Self {
        let middle = |value: fn(&Loaded) -> f64| median(&rounds.iter().map(value).collect::<Vec<_>>());
        Side {
            cpu_us: middle(|loaded| loaded.cpu_us_per_request.unwrap_or_default()),
            ticked_us: middle(|loaded| loaded.ticked_us_per_request.unwrap_or_default()),
            requests_per_second: middle(|loaded| loaded.requests_per_second),
            p50_us: middle(|loaded| loaded.p50_us),
            p99_us: middle(|loaded| loaded.p99_us),
            requests: rounds.iter().map(|loaded| loaded.requests).sum(),
        }
    }
}

/// What a figure has to reach.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Bar {
    Below(f64),
    AtLeast(f64),
}

/// Any other figure.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    what: String,
    value: f64,
    unit: &'static str,
    /// What is allowed; nothing if the figure is only reported.
    bar: Option<Bar>,
    pub(super) verdict: Verdict,
}

impl Figure {
    /// A figure that must stay below `bar`.
    pub(super) fn below(what: impl Into<String>, value: f64, unit: &'static str, bar: f64) -> Self {
        Figure {
            what: what.into(),
            value,
            unit,
            bar: Some(Bar::Below(bar)),
            verdict: Verdict::of(value < bar),
        }
    }

    /// A figure that must reach `bar`.
    pub(super) fn at_least(what: impl Into<String>, value: f64, unit: &'static str, bar: f64) -> Self {
        let verdict = Verdict::of(value >= bar);
        Figure { what: what.into(), value, unit, bar: Some(Bar::AtLeast(bar)), verdict }
    }

    /// A figure that is reported and has no bar.
    pub(super) fn told(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        let verdict = Verdict::NotMeasured("there is no bar".to_owned());
        Figure { what: what.into(), value, unit, bar: None, verdict }
    }

    /// A figure that could not be had.
    pub(super) fn not_measured(what: &str, error: &anyhow::Error) -> Self {
        let verdict = Verdict::NotMeasured(format!("{error:#}"));
        Figure { what: what.to_owned(), value: 0.0, unit: "", bar: None, verdict }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Figure { what, value, unit, bar, verdict } = self;
        match (bar, verdict) {
            (Some(Bar::Below(bar)), _) => {
                write!(f, "{what}: {value:.2} {unit} (bar: below {bar} {unit}): {verdict}")
            }
            (Some(Bar::AtLeast(bar)), _) => {
                write!(f, "{what}: {value:.2} {unit} (bar: at least {bar} {unit}): {verdict}")
            }
            (None, _) if !unit.is_empty() => write!(f, "{what}: {value:.2} {unit}"),
            (None, _) => write!(f, "{what}: {verdict}"),
        }
    }
}

/// The middle value; zero if there is none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        length if length % 2 == 1 => sorted[length / 2],
        length => (sorted[length / 2 - 1] + sorted[length / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(cpu: f64) -> Loaded {
        Loaded { cpu_us_per_request: Some(cpu), requests: 10, ..Loaded::answering(300) }
    }

    #[test]
    fn a_rows_ratio_is_the_median_of_its_rounds() {
        let row = Row::of(
            "x",
            0.75,
            &[loaded(8.0), loaded(9.0), loaded(9.0)],
            &[loaded(10.0), loaded(12.0), loaded(90.0)],
        );
        assert_eq!((row.ratio, row.lowest, row.highest), (0.75, 0.1, 0.8));
        assert_eq!(row.verdict, Verdict::Met);
        assert_eq!(Row::of("x", 0.76, &[loaded(9.0)], &[loaded(12.0)]).verdict, Verdict::Missed);
    }

    #[test]
    fn what_could_not_be_measured_is_neither_met_nor_missed() {
        let row = Row::not_measured("x", 0.75, &anyhow::anyhow!("CreateTopic: answered 400"));
        assert_eq!(row.to_string(), "x                  not measured: CreateTopic: answered 400");
    }

    #[test]
    fn a_figure_that_is_not_below_its_bar_is_missed() {
        assert_eq!(Figure::below("startup", 20.0, "ms", 20.0).verdict, Verdict::Missed);
        assert_eq!(Figure::below("startup", 19.9, "ms", 20.0).verdict, Verdict::Met);
        assert_eq!(Figure::at_least("queues", 1.7, "times", 1.7).verdict, Verdict::Met);
        assert_eq!(Figure::at_least("queues", 1.69, "times", 1.7).verdict, Verdict::Missed);
    }

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert_eq!(median(&[]), 0.0);
    }
}
