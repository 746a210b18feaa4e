//! How often, and after which pauses, a delivery is tried again.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use super::Protocol;
use std::time::Duration;

/// The four phases of retries, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// At once.
    pub immediate: u32,
    /// After the shortest pause each.
    pub before_backoff: u32,
    /// After pauses that grow from the shortest to the longest.
    pub backoff: u32,
    /// After the longest pause each.
    pub after_backoff: u32,
    /// The shortest pause.
    pub shortest: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How pauses grow.
    pub growth: Growth,
}

/// How pauses grow from the shortest to the longest. AWS draws these curves and does not say their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Growth {
    /// By the same amount each time.
    Linear,
    /// By an amount that itself grows by the same amount each time.
    Arithmetic,
    /// By the same factor each time, which leads to the longest at the end.
    Geometric,
    /// By doubling, up to the longest.
    Exponential,
}

impl Retries {
    /// What AWS does for the services that it runs itself: 100,015 retries over 23 days.
    pub const TO_SERVICES: Self = Self {
        immediate: 3,
        before_backoff: 2,
        backoff: 10,
        after_backoff: 100_000,
        shortest: Duration::from_secs(1),
        longest: Duration::from_secs(20),
        growth: Growth::Exponential,
    };

    /// What it does for e-mail, telephones and apps: 50 retries over six hours.
    pub const TO_PEOPLE: Self = Self {
        immediate: 0,
        before_backoff: 2,
        backoff: 10,
        after_backoff: 38,
        shortest: Duration::from_secs(10),
        longest: Duration::from_secs(600),
        growth: Growth::Exponential,
    };

    /// What it does over HTTP where no delivery policy says otherwise: 3 retries in a minute.
    pub const OVER_HTTP: Self = Self {
        immediate: 0,
        before_backoff: 0,
        backoff: 3,
        after_backoff: 0,
        shortest: Duration::from_secs(20),
        longest: Duration::from_secs(20),
        growth: Growth::Linear,
    };

    /// What is done over a protocol.
    pub fn over(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Sqs | Protocol::Lambda => Self::TO_SERVICES,
            Protocol::Http | Protocol::Https => Self::OVER_HTTP,
            Protocol::Email | Protocol::EmailJson | Protocol::Sms | Protocol::Application => Self::TO_PEOPLE,
        }
    }

    /// The pause after so many failures, or `None` where that was the last attempt.
    pub fn pause_after(&self, failures: u32) -> Option<Duration> {
        let at_once = self.immediate;
        let shortest = at_once + self.before_backoff;
        let growing = shortest + self.backoff;
        match failures {
            0 => None,
            failed if failed <= at_once => Some(Duration::ZERO),
            failed if failed <= shortest => Some(self.shortest),
            failed if failed <= growing => Some(self.grown(failed - shortest)),
            failed if failed <= growing + self.after_backoff => Some(self.longest),
            _ => None,
        }
    }

    /// The pause of the `step`-th of the growing ones, counted from one.
    fn grown(&self, step: u32) -> Duration {
        let span = self.longest.saturating_sub(self.shortest).as_secs_f64();
        let (first, part) = (self.shortest.as_secs_f64(), f64::from(step) / f64::from(self.backoff));
        let pause = match self.growth {
            Growth::Linear => first + span * part,
            Growth::Arithmetic => first + span * part * part,
            Growth::Geometric => {
                first * (self.longest.as_secs_f64() / first.max(f64::MIN_POSITIVE)).powf(part)
            }
            Growth::Exponential => first * 2_f64.powi(i32::try_from(step - 1).unwrap_or(i32::MAX)),
        };
        Duration::try_from_secs_f64(pause).unwrap_or(self.longest).min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(retries: Retries, count: u32) -> Vec<Option<u64>> {
        (1..=count).map(|failed| retries.pause_after(failed).map(|pause| pause.as_secs())).collect()
    }

    #[test]
    fn services_are_tried_at_once_then_after_pauses_that_double_up_to_the_longest() {
        let expected = [0, 0, 0, 1, 1, 1, 2, 4, 8, 16, 20, 20, 20, 20, 20, 20].map(Some);
        assert_eq!(pauses(Retries::TO_SERVICES, 16), expected);
        assert_eq!(Retries::TO_SERVICES.pause_after(100_015), Some(Duration::from_secs(20)));
        assert_eq!(Retries::TO_SERVICES.pause_after(100_016), None);
    }

    #[test]
    fn an_endpoint_is_tried_three_times_more() {
        assert_eq!(pauses(Retries::OVER_HTTP, 4), [Some(20), Some(20), Some(20), None]);
    }

    #[test]
    fn each_growth_ends_with_the_longest_pause() {
        for growth in [Growth::Linear, Growth::Arithmetic, Growth::Geometric, Growth::Exponential] {
            let (shortest, longest) = (Duration::from_secs(1), Duration::from_secs(100));
            let retries = Retries { backoff: 10, shortest, longest, growth, ..Retries::OVER_HTTP };
            let grown: Vec<_> = (1..=10).filter_map(|failed| retries.pause_after(failed)).collect();
            assert!(grown.is_sorted() && grown[9] == longest, "{growth:?} {grown:?}");
        }
    }
}
