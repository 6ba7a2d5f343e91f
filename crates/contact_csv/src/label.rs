//! Labels of e-mails, phones, addresses and links, and the groups of a contact.

/// Labels that programs know. They have one form in a card, and begin with capitals in Google's files.
pub(crate) const KNOWN: [&str; 19] = [
    "home",
    "work",
    "other",
    "mobile",
    "main",
    "school",
    "fax",
    "home fax",
    "work fax",
    "other fax",
    "pager",
    "car",
    "isdn",
    "assistant",
    "work main",
    "callback",
    "radio",
    "tty",
    "telex",
];

/// Mark before a label of a preferred value, and before the groups that Google itself made.
const MARK: &str = "* ";

/// Returns the known label with this name, in any case.
pub(crate) fn known(name: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|label| label.eq_ignore_ascii_case(name))
}

/// Returns the label of a cell. Google marks the preferred value with `* `.
pub(crate) fn read(cell: &str) -> Option<String> {
    let label = if cell == MARK.trim() { "" } else { cell.strip_prefix(MARK).unwrap_or(cell).trim() };
    (!label.is_empty()).then(|| known(label).unwrap_or(label).to_owned())
}

/// Returns the cell of a label. A label that begins like a mark gets a mark, so that it is read unchanged.
pub(crate) fn write(label: &str) -> String {
    if label.starts_with('*') {
        return format!("{MARK}{label}");
    }
    let Some(label) = KNOWN.into_iter().find(|known| *known == label) else {
        return label.to_owned();
    };
    label.split(' ').map(capitalized).collect::<Vec<_>>().join(" ")
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect()
}

/// A group of a contact.
pub(crate) enum Group {
    Favorites,
    Tag(String),
    /// A group of all contacts.
    Everyone,
}

/// Cell of Google's group of favorites.
pub(crate) const STARRED: &str = "* starred";

/// Returns the group of a value of Google's Labels. Names with a mark are of Google itself.
pub(crate) fn read_group(cell: &str) -> Group {
    let Some(own) = cell.strip_prefix(MARK) else {
        return Group::Tag(cell.to_owned());
    };
    match own.trim().to_lowercase().as_str() {
        "starred" | "starred in android" => Group::Favorites,
        "mycontacts" | "my contacts" | "othercontacts" | "other contacts" => Group::Everyone,
        _ => Group::Tag(own.trim().to_owned()),
    }
}

/// Returns the cell of a tag.
pub(crate) fn write_tag(tag: &str) -> String {
    if tag.starts_with(MARK) { format!("{MARK}{tag}") } else { tag.to_owned() }
}
