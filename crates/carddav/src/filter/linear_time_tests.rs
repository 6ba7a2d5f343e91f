//! A filter reads the parameters of a line once for all of its conditions.

use std::cell::Cell;

use crate::{Filter, Report, limits::MAX_CONDITIONS, parse_report};

thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// Counts bytes that a filter has read, or of which it has made the form of a collation.
pub(super) fn count_steps(number: usize) {
    STEPS.with(|steps| steps.set(steps.get() + number));
}

/// Returns a filter of properties with as many conditions of parameters as a request may have, in two collations. No value
/// of the test matches.
fn filter(test: &str, properties: usize) -> Filter {
    let parameters = (MAX_CONDITIONS / properties - 1) / 2;
    let condition = |number: usize| {
        let collation = if number.is_multiple_of(2) { "i;ascii-casemap" } else { "i;unicode-casemap" };
        format!("<param-filter name='TYPE'><text-match collation='{collation}'>x</text-match></param-filter>")
    };
    let conditions: String = (0..parameters).map(condition).collect();
    let property = format!("<prop-filter name='TEL' test='anyof'>{conditions}</prop-filter>");
    let body = format!(
        "<addressbook-query xmlns='urn:ietf:params:xml:ns:carddav'><filter test='{test}'>{}</filter></addressbook-query>",
        property.repeat(properties)
    );
    match parse_report(body.as_bytes()) {
        Ok(Report::Query { filter, .. }) => filter,
        other => panic!("{other:?}"),
    }
}

#[test]
fn filter_reads_each_byte_of_hostile_parameters_at_most_three_times() {
    for (test, properties) in [("anyof", 1), ("allof", 1), ("anyof", 20), ("allof", 20)] {
        let filter = filter(test, properties);
        for piece in [";a", ";", ";TYPE=a", ";TYPE=a,b", ";TYPE=\"a,b\"", ";TYPE=\u{456}", ";a=\"", ";TYPE=,"] {
            let card = ["BEGIN:VCARD\r\nTEL", &piece.repeat((250 << 10) / piece.len()), ":1\r\nEND:VCARD\r\n"].concat();
            STEPS.with(|steps| steps.set(0));
            assert!(!filter.matches(&card), "{piece:?}");
            let steps = STEPS.with(Cell::get);
            assert!(steps <= 3 * card.len(), "{test} {properties} {piece:?}: {steps} for {}", card.len());
        }
    }
}
