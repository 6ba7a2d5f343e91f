//! Properties of `If-Match` and `If-None-Match`: a list of entity tags is read as these tags. No bytes cause a panic.

use actix_web::{
    HttpRequest, ResponseError as _,
    http::{
        StatusCode,
        header::{EntityTag, HeaderValue, IF_MATCH},
    },
    test::TestRequest,
};
use proptest::prelude::*;

use super::preconditions::Condition;

/// Texts of entity tags (RFC 9110, 8.8.3): visible characters without a quote. Many are like those of the service.
const VISIBLE: &str = "([0-9]{1,3}(-vcard-[34]\\.0-[0-9])?|[a,*/W]{0,6}|[!#-~]{0,12})";

/// Texts that have other characters than those of ASCII, too (`obs-text`).
const ANY: &str = "[!#-~\u{80}-\u{10ffff}]{0,8}";

/// Optional white space.
const BLANKS: &str = "[ \t]{0,2}";

/// An element of a list, which may be empty (RFC 9110, 5.6.1.2), between blanks.
#[derive(Debug, Clone)]
struct Element {
    before: String,
    tag: Option<EntityTag>,
    after: String,
}

fn list(texts: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<Element>> {
    let tag = (any::<bool>(), texts).prop_map(|(is_weak, text)| EntityTag::new(is_weak, text));
    let element = (BLANKS, prop::option::weighted(0.8, tag), BLANKS);
    prop::collection::vec(element.prop_map(|(before, tag, after)| Element { before, tag, after }), 1..6)
}

fn text_of(list: &[Element]) -> String {
    let text = |Element { before, tag, after }: &Element| {
        let tag = tag.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{before}{tag}{after}")
    };
    list.iter().map(text).collect::<Vec<_>>().join(",")
}

/// Returns what a list is read as. A list without a tag is malformed.
fn condition_of<'a>(list: impl IntoIterator<Item = &'a Element>) -> Option<Condition> {
    let tags: Vec<EntityTag> = list.into_iter().filter_map(|element| element.tag.clone()).collect();
    (!tags.is_empty()).then_some(Condition::Tags(tags))
}

/// Reads the header with these lines. `None` for the error of a malformed one.
fn read(lines: impl IntoIterator<Item = HeaderValue>) -> Option<Condition> {
    let append = |request: TestRequest, line: HeaderValue| request.append_header((IF_MATCH, line));
    let request: HttpRequest = lines.into_iter().fold(TestRequest::default(), append).to_http_request();
    match Condition::of(&request, (&IF_MATCH, "If-Match")) {
        Ok(condition) => Some(condition.expect("the request has the header")),
        Err(problem) => {
            assert_eq!(problem.status_code(), StatusCode::BAD_REQUEST);
            None
        }
    }
}

/// Reads bytes as the text of a member, and as a header. What is read is written and read unchanged.
pub(super) fn assert_read_as_written(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let condition = Condition::parse(&text);
    assert_eq!(condition == Some(Condition::Any), text.trim() == "*", "{text:?}");
    if let Some(Condition::Tags(tags)) = &condition {
        assert!(!tags.is_empty(), "{text:?}");
        let written = tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        assert_eq!(Condition::parse(&written), condition, "{text:?}");
    }
    if let Ok(line) = HeaderValue::from_bytes(bytes) {
        // A header has characters of ASCII only, as the OpenAPI document states.
        assert_eq!(read([line]), condition.filter(|_| bytes.is_ascii()), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn list_is_read_as_its_tags_in_their_order(list in list(prop_oneof![VISIBLE, ANY])) {
        prop_assert_eq!(Condition::parse(&text_of(&list)), condition_of(&list));
    }

    /// RFC 9110, 5.3.
    #[test]
    fn lines_of_a_header_are_one_list(lines in prop::collection::vec(list(VISIBLE), 1..4)) {
        let values = lines.iter().map(|list| HeaderValue::from_str(&text_of(list)).unwrap());
        prop_assert_eq!(read(values), condition_of(lines.iter().flatten()));
    }

    /// Any bytes, and pieces of lists in a random order.
    #[test]
    fn no_bytes_cause_a_panic(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..40),
            "([Ww]/|[\",;*\\\\]|[ \t\n]|[0-9a-c]|\u{e9}|-vcard-4\\.0-){0,24}".prop_map(String::into_bytes),
        ],
    ) {
        assert_read_as_written(&bytes);
    }
}
