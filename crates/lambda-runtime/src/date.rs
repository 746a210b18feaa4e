//! Dates of the calendar.

use mesh_types::Timestamp;

const SECONDS_OF_A_DAY: i64 = 86_400;

/// Year, month and day of a moment, in UTC.
pub(crate) fn of(moment: Timestamp) -> (i64, i64, i64) {
    // days since 1 March of the year 0, in eras of 400 years
    let days = moment.as_secs().div_euclid(SECONDS_OF_A_DAY) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// A moment as Lambda prints it: `2026-01-31T12:00:00.123+0000`.
pub(crate) fn print(moment: Timestamp) -> String {
    let (year, month, day) = of(moment);
    let millis = moment.as_millis().rem_euclid(SECONDS_OF_A_DAY * 1_000);
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.{millis:03}+0000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_have_dates() {
        let at = |seconds| print(Timestamp::from_secs(seconds));
        assert_eq!(at(0), "1970-01-01T00:00:00.000+0000");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59.000+0000");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00.000+0000");
        assert_eq!(at(1_767_225_600), "2026-01-01T00:00:00.000+0000");
        assert_eq!(print(Timestamp::from_millis(1_735_689_599_999)), "2024-12-31T23:59:59.999+0000");
    }
}
