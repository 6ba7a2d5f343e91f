//! Hints for the detection of a charset.

/// Languages, and the top-level domain whose legacy charsets they use.
const DOMAINS: [(&str, &[u8]); 27] = [
    ("ar", b"ae"),
    ("be", b"by"),
    ("bg", b"bg"),
    ("cs", b"cz"),
    ("da", b"dk"),
    ("de", b"de"),
    ("el", b"gr"),
    ("es", b"es"),
    ("et", b"ee"),
    ("fa", b"ir"),
    ("fr", b"fr"),
    ("he", b"il"),
    ("hr", b"hr"),
    ("hu", b"hu"),
    ("it", b"it"),
    ("ja", b"jp"),
    ("ko", b"kr"),
    ("lt", b"lt"),
    ("lv", b"lv"),
    ("pl", b"pl"),
    ("ro", b"ro"),
    ("ru", b"ru"),
    ("th", b"th"),
    ("tr", b"tr"),
    ("uk", b"ua"),
    ("vi", b"vn"),
    ("zh", b"cn"),
];

/// Returns the top-level domain for a locale such as `uk` or `zh-TW`, which is the hint that chardetng accepts.
pub(super) fn domain_of(locale: &str) -> Option<&'static [u8]> {
    let locale = locale.to_ascii_lowercase();
    if ["zh-tw", "zh-hk", "zh-hant"].iter().any(|traditional| locale.starts_with(traditional)) {
        return Some(b"tw");
    }
    let language = locale.split(['-', '_']).next().unwrap_or_default();
    DOMAINS.iter().find(|(own, _)| *own == language).map(|(_, domain)| *domain)
}

#[cfg(test)]
mod tests {
    use super::domain_of;

    #[test]
    fn locale_has_the_domain_of_its_language() {
        for (locale, domain) in [("uk", "ua"), ("UK_ua", "ua"), ("zh-CN", "cn"), ("zh-Hant-HK", "tw"), ("zh-tw", "tw")]
        {
            assert_eq!(domain_of(locale), Some(domain.as_bytes()), "{locale}");
        }
        assert_eq!(domain_of("en-GB"), None);
    }
}
