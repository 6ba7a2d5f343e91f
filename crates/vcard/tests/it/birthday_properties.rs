//! Properties of birthdays: a day is read in each form that programs write, and no other day is read.

use proptest::prelude::*;
use vcard::Birthday;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// Days that do not exist are no birthdays in any form.
    #[test]
    fn birthday_is_read_in_each_form(
        year in prop_oneof![0_u16..=9999, 1890_u16..=2030, Just(1604_u16)], month in 0_u8..=13, day in 0_u8..=32,
        time in prop::sample::select(vec!["", "T00:00:00Z", "t12", " 10:00"]),
    ) {
        let with_year = Birthday::new((year > 0).then_some(year), month, day);
        let without_year = Birthday::new(None, month, day);
        let dates = [
            format!("{year:04}{month:02}{day:02}"),
            format!("{year:04}-{month:02}-{day:02}"),
            format!("{day:02}.{month:02}.{year:04}"),
        ];
        for date in dates {
            prop_assert_eq!(Birthday::parse(&format!(" {date}{time}"), None), with_year, "{}{}", date, time);
            prop_assert_eq!(Birthday::parse(&date, Some(year)), without_year, "{} without its year", date);
        }
        for date in [format!("--{month:02}{day:02}"), format!("--{month:02}-{day:02}")] {
            prop_assert_eq!(Birthday::parse(&format!("{date}{time}"), None), without_year, "{}{}", date, time);
        }
    }

    #[test]
    fn birthday_of_each_text_is_a_day_that_exists(
        text in prop_oneof![any::<String>(), "[0-9T .-]{0,12}", "-{0,2}[0-9]{2,4}[.-]?[0-9]{2}[.-]?[0-9]{2,4}"],
        omitted in prop::option::of(0_u16..=9999),
    ) {
        if let Some(birthday) = Birthday::parse(&text, omitted) {
            prop_assert_eq!(Birthday::new(birthday.year(), birthday.month(), birthday.day()), Some(birthday));
            prop_assert!(birthday.year().is_none_or(|year| Some(year) != omitted), "{:?}", birthday);
        }
    }
}
